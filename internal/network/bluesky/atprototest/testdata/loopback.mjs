// Preloaded into the test network (node --import): every listener is on
// 127.0.0.1, whatever the packages ask for, and no connection leaves the
// machine. Without it a test would open servers to the whole local network.
import net from 'node:net'

const here = '127.0.0.1'
const local = new Set(['localhost', here, '::1', '0.0.0.0', '::', ''])

const isPort = (v) => typeof v === 'number' || (typeof v === 'string' && /^\d+$/.test(v))
const isCallback = (v) => v === undefined || typeof v === 'function'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const [first] = args
  if (isCallback(first) || first === null) {
    args = [{ port: 0, host: here }, ...args.filter((a) => typeof a === 'function')]
  } else if (isPort(first)) {
    const rest = args.slice(1).filter((a) => typeof a === 'function')
    args = [{ port: Number(first), host: here }, ...rest]
  } else if (typeof first === 'object' && first.port !== undefined && !first.path) {
    args = [{ ...first, host: here }, ...args.slice(1)]
  }
  this.once('listening', () => {
    const at = this.address()
    if (at && typeof at === 'object' && at.address !== here) {
      console.error(`a listener came up on ${at.address}, not on ${here}`)
      process.abort()
    }
  })
  return listen.apply(this, args)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const [to] = Array.isArray(args[0]) ? args[0] : args
  const host = typeof to === 'object' && to !== null ? (to.path ? '' : to.host) : isPort(to) && typeof args[1] === 'string' ? args[1] : ''
  if (!local.has(host ?? '')) {
    queueMicrotask(() => this.destroy(new Error(`the test network calls nobody, least of all ${host}`)))
    return this
  }
  return connect.apply(this, args)
}
