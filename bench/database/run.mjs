// What server.db() costs beside Kysely alone on the same client, and what a test transaction costs beside truncating tables.
//
// eval "$(npx tsx test/database/start-engines.ts)"; npm run build && node bench/database/run.mjs [--rounds 15]

import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Kysely, sql } from 'kysely'
import { Server } from '../../dist/index.js'
import { database } from '../../dist/database.js'
import { median } from '../median.mjs'
import { databases } from './databases.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, only: { type: 'string' } } })
const rounds = Number(values.rounds)
const tables = ['bench_a', 'bench_b', 'bench_c', 'bench_d', 'bench_e']

const works = {
  'a select': (db) => db.selectFrom('bench_a').select('title').where('id', '=', 1).execute(),
  'ten selects at once': (db) =>
    Promise.all(Array.from({ length: 10 }, () => db.selectFrom('bench_a').selectAll().where('id', '=', 1).execute())),
  'a transaction of two selects': (db) =>
    db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('bench_a').select('title').where('id', '=', 1).execute()
      await transaction.selectFrom('bench_b').select('title').where('id', '=', 1).execute()
    }),
}

for (const { name, options, createDialect, key } of databases.filter(({ name }) => name.includes(values.only ?? ''))) {
  const server = new Server({ database: database(options) })
  await server.start()
  const own = server.db()
  const raw = new Kysely({ dialect: createDialect() })
  for (const table of tables) {
    await sql`drop table if exists ${sql.table(table)}`.execute(own)
    await sql`create table ${sql.table(table)} (id ${sql.raw(key)}, title varchar(100) not null)`.execute(own)
    await own
      .insertInto(table)
      .values([{ title: 'Emma' }, { title: 'Persuasion' }])
      .execute()
  }

  console.log(`\n${name}`)
  for (const [what, work] of Object.entries(works)) await compare(what, { own: () => work(own), raw: () => work(raw) })
  await compareTests(server, options.client)

  for (const table of tables) await sql`drop table ${sql.table(table)}`.execute(own)
  await raw.destroy()
  await server.stop()
}

/** Processor time of both, in interleaved rounds. */
async function compare(what, ways) {
  const times = { own: [], raw: [] }
  for (let i = -3; i < rounds; i++)
    for (const way of i % 2 ? ['own', 'raw'] : ['raw', 'own']) {
      const time = await processorTime(ways[way])
      if (i >= 0) times[way].push(time)
    }
  const [own, raw] = [median(times.own), median(times.raw)]
  const ratio = median(times.own.map((time, i) => time / times.raw[i]))
  console.log(`  ${what}: ${micro(own)} with server.db(), ${micro(raw)} with Kysely alone, ratio ${ratio.toFixed(3)}`)
}

/** In microseconds for each of the repeated queries. */
async function processorTime(work) {
  const before = process.cpuUsage()
  for (let i = 0; i < 300; i++) await work()
  // Queries of SQLite never let the event loop turn, and what libsql has to clean up would pile up.
  await setImmediate()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 300
}

/** A test of ten queries, and what undoes it; in milliseconds. */
async function compareTests(server, client) {
  const db = server.db()
  const ways = {
    async transaction() {
      const rollback = await server.transaction()
      await test(db)
      await rollback()
    },
    async truncate() {
      await test(db)
      await truncate(db, client)
      for (const table of tables)
        await db
          .insertInto(table)
          .values([{ title: 'Emma' }, { title: 'Persuasion' }])
          .execute()
    },
    async nothing() {
      await test(db)
    },
  }
  const times = { transaction: [], truncate: [], nothing: [] }
  for (let i = -3; i < rounds; i++)
    for (const [way, run] of Object.entries(ways)) {
      const before = performance.now()
      await run()
      if (i >= 0) times[way].push(performance.now() - before)
    }
  const [transaction, truncating, nothing] = Object.values(times).map(median)
  console.log(
    `  a test of ten queries: ${milli(transaction)} in a test transaction, ${milli(truncating)} with truncated tables, ${milli(nothing)} with nothing undone`,
  )
}

async function test(db) {
  for (const table of tables) {
    await db.insertInto(table).values({ title: 'Sanditon' }).execute()
    await db.selectFrom(table).select('title').limit(3).execute()
  }
}

async function truncate(db, client) {
  if (client === 'postgres') return sql`truncate ${sql.join(tables.map((table) => sql.table(table)))}`.execute(db)
  for (const table of tables)
    await (client === 'mysql' ? sql`truncate table ${sql.table(table)}` : sql`delete from ${sql.table(table)}`).execute(
      db,
    )
}

function micro(time) {
  return `${time.toFixed(0)} µs`
}

function milli(time) {
  return `${time.toFixed(1)} ms`
}
