// Starts a whole AT Protocol network on loopback: a PLC directory, a PDS, and
// an AppView with its bsync, all from their published packages. What it keeps
// is in PostgreSQL and in one folder, so it can be killed and started again.
//
// The settings come as JSON in AMENDS_ATPROTO. A line on standard output tells
// that the network is ready; from then on each line on standard input is a
// command and gets one line back. When standard input ends, it stops.
import fs from 'node:fs/promises'
import path from 'node:path'
import readline from 'node:readline'
import * as plcServer from '@did-plc/server'
import { Client as PlcClient } from '@did-plc/lib'
import { Secp256k1Keypair } from '@atproto/crypto'
import * as bsky from '@atproto/bsky'
import * as bsync from '@atproto/bsync'
import { PDS } from '@atproto/pds'

const set = JSON.parse(process.env.AMENDS_ATPROTO)
const at = (port) => `http://localhost:${port}`
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

async function startPLC() {
  const PLC = plcServer.default?.PlcServer ?? plcServer.PlcServer
  const Database = plcServer.default?.Database ?? plcServer.Database
  const db = Database.postgres({ url: set.postgres, schema: 'plc' })
  await db.migrateToLatestOrThrow()
  await PLC.create({ db, port: set.ports.plc }).start()
}

// The AppView's own identity is new at each start: nothing refers to it but
// the PDS, which starts after it.
async function startAppView() {
  const plc = new PlcClient(at(set.ports.plc))
  const key = await Secp256k1Keypair.create()
  const endpoint = at(set.ports.appview)
  const did = await plc.createDid({
    signingKey: key.did(), rotationKeys: [key.did()], handle: 'appview.test', pds: endpoint, signer: key,
  })
  await plc.updateData(did, key, (doc) => {
    doc.services.bsky_notif = { type: 'BskyNotificationService', endpoint }
    doc.services.bsky_appview = { type: 'BskyAppView', endpoint }
    return doc
  })

  const apiKey = 'bsync'
  const sync = await bsync.BsyncService.create(bsync.envToCfg({
    port: set.ports.bsync, apiKeys: [apiKey], dbUrl: set.postgres, dbSchema: 'bsync', dbPoolSize: 4,
  }))
  await sync.ctx.db.migrateToLatestOrThrow()
  await sync.start()

  const migrating = new bsky.Database({ url: set.postgres, schema: 'appview' })
  await migrating.migrateToLatestOrThrow()
  await migrating.close()
  const db = new bsky.Database({ url: set.postgres, schema: 'appview', poolSize: 10 })
  const dataplane = await bsky.DataPlaneServer.create(db, set.ports.dataplane, at(set.ports.plc), globalThis.fetch)
  const config = new bsky.ServerConfig({
    version: 'test',
    port: set.ports.appview,
    publicUrl: endpoint,
    serverDid: did,
    alternateAudienceDids: [],
    didPlcUrl: at(set.ports.plc),
    dataplaneUrls: [at(set.ports.dataplane)],
    dataplaneHttpVersion: '1.1',
    bsyncUrl: at(set.ports.bsync),
    bsyncApiKey: apiKey,
    bsyncHttpVersion: '1.1',
    modServiceDid: set.labeler,
    labelsFromIssuerDids: [set.labeler],
    adminPasswords: ['admin'],
    etcdHosts: [],
    bigThreadUris: new Set(),
    maxThreadParents: 50,
    disableSsrfProtection: true,
    searchTagsHide: new Set(),
    searchTagsHideAll: new Set(),
    threadTagsBumpDown: new Set(),
    threadTagsHide: new Set(),
    visibilityTagHide: '',
    visibilityTagRankPrefix: '',
    debugFieldAllowedDids: new Set(),
    draftsLimit: 500,
    feedGenSkeletonTimeout: 5000,
  })
  const view = bsky.BskyAppView.create({ config, signingKey: key })
  const feed = new bsky.RepoSubscription({ service: `ws://localhost:${set.ports.pds}`, db, idResolver: dataplane.idResolver })
  await view.start()
  const muting = new bsky.BsyncSubscription({ config, db })
  muting.start()
  return { did, db, view, dataplane, feed }
}

async function startPDS(appview) {
  const dir = path.join(set.dir, 'pds')
  await fs.mkdir(dir, { recursive: true })
  const pds = await PDS.fromEnv({
    devMode: true,
    port: set.ports.pds,
    hostname: 'localhost',
    dataDirectory: dir,
    blobstoreDiskLocation: path.join(set.dir, 'blobs'),
    plcRotationKeyK256PrivateKeyHex: set.rotationKey,
    jwtSecret: set.secret,
    adminPassword: 'admin',
    didPlcUrl: at(set.ports.plc),
    serviceHandleDomains: ['.test'],
    enableDidDocWithSession: true,
    inviteRequired: false,
    disableSsrfProtection: true,
    bskyAppViewUrl: at(set.ports.appview),
    bskyAppViewDid: appview.did,
    bskyAppViewCdnUrlPattern: 'http://cdn.test/%s/%s/%s',
    modServiceUrl: 'http://labeler.test',
    modServiceDid: set.labeler,
    rateLimitsEnabled: set.limited,
    rateLimitBypassKey: set.secret,
    crawlers: [],
  })
  tellNews(pds.ctx.sequencer)
  await pds.start()
  return pds
}

// The PDS asks its own log for news ever less often, at most once a second, since
// another process might write to it. Here none does, so it is told: what is
// written is indexed in some milliseconds and tests need not wait.
function tellNews(sequencer) {
  let news = 0
  let seen = 0
  let wake = () => {}
  const sequence = sequencer.sequenceEvts.bind(sequencer)
  sequencer.sequenceEvts = async (events) => {
    const rows = await sequence(events)
    news++
    wake()
    return rows
  }
  sequencer.exponentialBackoff = async () => {
    if (seen === news) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000)
        wake = () => { clearTimeout(timer); resolve() }
      })
    }
    seen = news
  }
}

// Handles end in .test and have no DNS: the PDS knows them all.
function resolveHere(resolver) {
  resolver.handle.resolve = async (handle) => {
    const r = await fetch(`${at(set.ports.pds)}/xrpc/com.atproto.identity.resolveHandle?handle=${handle}`).catch(() => null)
    return r?.ok ? (await r.json()).did : undefined
  }
}

const commands = {
  // settle waits until the AppView has taken in all that the PDS has.
  async settle(_, { appview, pds }) {
    await pds.ctx.backgroundQueue.processAll()
    const last = await pds.ctx.sequencer.curr()
    for (;;) {
      await appview.feed.processAll()
      if (last === null || (await appview.feed.getCursor() ?? 0) >= last) return
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
  },
  // label puts a moderation label on a post or an account, as a labeler would.
  async label({ uri, cid, val }, { appview }) {
    await appview.db.db.insertInto('label').values({
      src: set.labeler, uri, cid: cid ?? '', val, neg: false, cts: new Date().toISOString(), exp: null,
    }).execute()
  },
}

await startPLC()
const appview = await startAppView()
const pds = await startPDS(appview)
resolveHere(pds.ctx.idResolver)
resolveHere(appview.view.ctx.idResolver)
resolveHere(appview.dataplane.idResolver)
void appview.feed.start()
say({ ready: true })

const lines = readline.createInterface({ input: process.stdin })
lines.on('line', async (line) => {
  try {
    const command = JSON.parse(line)
    await commands[command.do](command, { appview, pds })
    say({ ok: true })
  } catch (err) {
    say({ error: String(err) })
  }
})
lines.on('close', () => process.exit(0))
