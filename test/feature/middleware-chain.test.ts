import { expect } from 'chai'
import { chain, ConfigError, HttpError, type Middleware, retry, Server } from 'tribind'
import { callUntyped, collectingLogger } from './both-ways.ts'

describe('chain', () => {
  const log: string[] = []
  const around =
    (name: string): Middleware =>
    async (_, next) => {
      log.push(name)
      await next()
      log.push(`/${name}`)
    }

  beforeEach(() => log.splice(0))

  async function ask(middleware: Middleware, handler: () => unknown = () => 'served') {
    const server = new Server({ logger: collectingLogger() })
    server.use(middleware)
    server.get('/', handler)
    const response = await server.inject('/')
    return `${response.status} ${response.text()}`
  }

  it('runs all around what is inside, the first outermost', async () => {
    expect(await ask(chain([around('a'), around('b'), chain([around('c')])]))).to.equal('200 served')
    expect(log).to.deep.equal(['a', 'b', 'c', '/c', '/b', '/a'])
  })

  it('lets each answer in place of those inside, by what it returns, sets or throws', async () => {
    expect(await ask(chain([around('a'), () => 'instead', around('c')]))).to.equal('200 instead')
    expect(log).to.deep.equal(['a', '/a'])
    expect(await ask(chain([async () => 'later', around('c')]))).to.equal('200 later')
    const refusing: Middleware = () => {
      throw new HttpError(403)
    }
    expect(await ask(chain([around('a'), refusing]))).to.equal('403 Forbidden')
    const mending: Middleware = async (request, next) => next().catch(() => void (request.response.status = 202))
    expect(await ask(chain([mending, refusing]))).to.equal('202 ')
  })

  it('waits for what one has started and not awaited, and handles its failure', async () => {
    const careless: Middleware = (_, next) => void next()
    const slow = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return 'slow'
    }
    expect(await ask(chain([careless, careless]), slow)).to.equal('200 slow')
    const failing = async () => {
      throw new HttpError(409)
    }
    expect(await ask(chain([careless, careless]), failing)).to.equal('409 Conflict')
  })

  it('ends one alone by exit, and all by exitAll', async () => {
    const exiting: Middleware = async (request, next) => {
      await next()
      request.exit()
    }
    expect(await ask(chain([around('a'), exiting, around('c')]))).to.equal('200 served')
    expect(log).to.deep.equal(['a', 'c', '/c', '/a'])
    const leaving: Middleware = (request) => {
      request.response.write('left')
      request.exitAll()
    }
    expect(await ask(chain([around('b'), leaving]))).to.equal('200 left')
    expect(log.slice(4)).to.deep.equal(['b'])
  })

  it('lets retry run what is inside again', async () => {
    let calls = 0
    const failing = () => {
      if (calls++ === 0) throw new HttpError(503)
      return `call ${calls}`
    }
    expect(await ask(chain([retry({ attempts: 1 }), around('b')]), failing)).to.equal('200 call 2')
  })

  it('refuses a second next()', async () => {
    const twice: Middleware = async (_, next) => {
      await next()
      await next()
    }
    expect(await ask(chain([twice, around('b')]))).to.equal('500 Internal Server Error')
    expect(log).to.deep.equal(['b', '/b'])
  })

  for (const given of [undefined, [], 'a', [around('a'), 5]])
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => callUntyped({ chain }, 'chain', given)).to.throw(ConfigError, 'chain: ')
    })
})
