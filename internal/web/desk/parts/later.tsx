// Shows something only once it has been waited for: a flash of grey tells
// nobody anything.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export function Later({ children }: { children: ComponentChildren }) {
  const [due, set] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => set(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return due ? <>{children}</> : null
}
