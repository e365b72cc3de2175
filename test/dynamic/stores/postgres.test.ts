import { expect } from 'chai'
import { Client, Pool } from 'pg'
import { postgresProvider } from 'tribind/providers'
import { describeEngine } from './describe-engine.ts'
import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'
import { describeStore } from './store-suite.ts'
import { untilTrue } from './until-true.ts'

describeEngine('postgres', (engine) => {
  describeStore(storeKinds.postgres, engine)

  const query = async (sql: string, values?: unknown[]) => {
    const client = new Client({ connectionString: engine().url })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(sql, values)
    await client.end()
    return rows
  }

  it('says what to do where the table is missing, and creates it when asked', async () => {
    const provider = postgresProvider({ url: engine().url, table: 'missing', period: 50 })
    const { sink, end } = follow(provider)
    await sink.until('it is told', () => sink.failures.length >= 2)
    expect(sink.messages[0]).to.match(/relation "missing" does not exist: create it .* "setup"/)
    await provider.setup()
    await provider.setup()
    await provider.write({ routes: {} })
    await sink.until('it is published', () => sink.published.length === 1)
    await end()
  })

  it('quotes names, and tells others of what SQL writes, too', async () => {
    const table = `Odd "name"; drop table x`
    const provider = postgresProvider({ url: engine().url, table, channel: `it's "told"`, key: `'` })
    await provider.setup()
    expect([await provider.write({ routes: {} }), await provider.write({ services: {} })]).to.deep.equal([1, 2])
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await query(`update "Odd ""name""; drop table x" set document = '{ "middlewares": {} }', revision = revision + 1`)
    await query(`notify "it's ""told"""`)
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(sink.published[1]).to.deep.equal({ configuration: { middlewares: {} }, revision: 3 })
    await end()
  })

  it('takes a column of the type jsonb', async () => {
    await query('create table binary_documents (key text primary key, document jsonb, revision bigint default 1)')
    const provider = postgresProvider({ url: engine().url, table: 'binary_documents' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.newest).to.deep.equal({ routes: {} })
    await end()
  })

  it('connects beside a pool, with its options', async () => {
    const pool = new Pool({ connectionString: engine().url, max: 1 })
    const provider = postgresProvider({ pool, table: 'pooled' })
    await provider.setup()
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    expect(pool.totalCount).to.equal(0)
    await end()
    await pool.end()
  })

  it('tells of a client of the application that has ended', async () => {
    const client = new Client({ connectionString: engine().url })
    await client.connect()
    const provider = postgresProvider({ client, table: 'ended' })
    await provider.setup()
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
    await sink.until('it is told', () => sink.failures.length > 0)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_UNREACHABLE')
    await end()
    await client.end().catch(() => {})
  })

  it('lists no process that has said nothing for two minutes, and removes its row', async () => {
    const provider = postgresProvider({ url: engine().url, table: 'reported' })
    await provider.setup()
    await provider.write({ routes: {} })
    const report = JSON.stringify({ id: 'dead', version: 1, reportedAt: 1, issues: [] })
    await query(`insert into reported_instances values ('default', 'dead', $1, now() - interval '119 seconds')`, [
      report,
    ])
    expect((await provider.instances()).map(({ id }) => id)).to.deep.equal(['dead'])
    await query(`update reported_instances set reported_at = now() - interval '121 seconds'`)
    expect(await provider.instances()).to.deep.equal([])
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await untilTrue(
      () => query('select id from reported_instances'),
      ([row]) => row !== undefined && row.id !== 'dead',
    )
    await end()
  })

  it('serves on where what it says of itself can not be written, and tells that once', async () => {
    const provider = postgresProvider({ url: engine().url, table: 'alone' })
    await provider.setup()
    await query('drop table alone_instances')
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_REPORT')
    await provider.write({ services: {} })
    await sink.until('a change is published', () => sink.published.length === 2)
    expect([sink.failures.length, sink.isAlive]).to.deep.equal([1, true])
    await end()
  })
})
