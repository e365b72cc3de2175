import { expect } from 'chai'
import { ConfigError, Server, type ServerOptions } from 'tribind'
import { database, healthCheck, type HealthCheckOptions } from 'tribind/database'
import { createDatabases } from './databases.ts'
import { isInstalled, startEngine } from './engines.ts'
import { recordLog } from './record-log.ts'

const log = recordLog()

async function ask(options: ServerOptions, checks?: HealthCheckOptions, act?: (server: Server) => unknown) {
  log.clear()
  const server = new Server({ logger: log.logger, ...options })
  server.get('/health', healthCheck(checks))
  await act?.(server)
  const began = Date.now()
  const answer = await server.inject('/health')
  await server.stop()
  const { status, headers } = answer
  return { status, text: answer.text(), cache: headers['cache-control'], lasted: Date.now() - began }
}

const failures = () => log.records.filter(({ message }) => message === 'A health check failed')

for (const { name, options } of await createDatabases()) {
  describe(`healthCheck on ${name}`, () => {
    it('is 200 where the database answers', async () => {
      const answer = await ask({ database: database(options) })
      expect(answer).to.include({ status: 200, text: '{"status":"ok"}', cache: 'no-store' })
      expect(failures()).to.deep.equal([])
    })

    it('is 200 in a test transaction, also where that has the only connection', async () => {
      const answer = await ask({ database: database({ ...options, max: 1 }) }, undefined, (server) =>
        server.transaction(),
      )
      expect(answer).to.include({ status: 200 })
    })

    it('is 503 while no connection is free, after 2 s', async () => {
      let release = () => {}
      const act = async (server: Server) => {
        const held = new Promise<void>((resolve) => (release = resolve))
        await new Promise<void>((resolve) => {
          void server
            .db()
            .connection()
            .execute(async () => {
              resolve()
              await held
            })
        })
      }
      const answer = await ask({ database: database({ ...options, max: 1 }) }, undefined, (server) => {
        setTimeout(() => release(), 4000)
        return act(server)
      })
      expect(answer).to.include({ status: 503, text: '{"status":"unavailable"}' })
      expect(answer.lasted).to.be.at.least(1990)
      expect(failures()).to.have.lengthOf(1)
    })
  })
}

if (isInstalled('postgres')) {
  describe('healthCheck on a PostgreSQL that goes away', () => {
    it('is 503 without a detail, which the log has, and 200 when it is back', async () => {
      const engine = await startEngine('postgres')
      log.clear()
      const server = new Server({ logger: log.logger, database: database({ client: 'postgres', url: engine.url }) })
      server.get('/health', healthCheck())
      expect((await server.inject('/health')).status).to.equal(200)
      await engine.stop('crash')
      const answer = await server.inject('/health')
      expect([answer.status, answer.text()]).to.deep.equal([503, '{"status":"unavailable"}'])
      expect(failures()[0]?.fields).to.include({ check: 'database' }).and.have.property('error').that.is.an('error')
      await engine.start()
      expect((await server.inject('/health')).status).to.equal(200)
      await server.stop()
      await engine.remove()
    })
  })
}

describe('healthCheck', () => {
  it('is 200 on a server without a database', async () => {
    expect(await ask({})).to.include({ status: 200, text: '{"status":"ok"}' })
  })

  it('runs checks of the application: one that throws or rejects is a failure, also with the name of another', async () => {
    const secret = 'secret'
    const checks = {
      good: () => true,
      fine: async () => Promise.resolve(),
      throws: () => {
        throw new Error(secret)
      },
      database: async () => Promise.reject(new Error(secret)),
    }
    const answer = await ask({ database: database({ client: 'sqlite', file: ':memory:' }) }, { checks })
    expect(answer).to.include({ status: 503, text: '{"status":"unavailable"}', cache: 'no-store' })
    expect(failures().map(({ level, fields }) => [level, fields?.['check']])).to.deep.equal([
      ['warn', 'throws'],
      ['warn', 'database'],
    ])
    expect(failures()[0]?.fields).to.have.property('requestId')
  })

  it('gives all checks together 2 s', async () => {
    const never = () => new Promise<void>(() => {})
    const answer = await ask({}, { checks: { one: never, two: never, three: () => {} } })
    expect(answer.status).to.equal(503)
    expect(answer.lasted).to.be.within(1990, 4000)
    expect(failures().map(({ fields }) => [fields?.['check'], String(fields?.['error'])])).to.deep.equal([
      ['one', 'Error: no answer within 2000 ms'],
      ['two', 'Error: no answer within 2000 ms'],
    ])
  })

  it('names an option that is wrong or unknown', () => {
    for (const options of [{ checks: [] }, { checks: { a: true } }, { check: {} }]) {
      expect(() => healthCheck(options as unknown as HealthCheckOptions)).to.throw(ConfigError, /^healthCheck: /)
    }
  })
})
