import { expect } from 'chai'
import { type Action, type Deed, describeDeed, junkNames, type Mode, places, type Target } from '../junk/junk.ts'
import { JunkProcess } from '../junk/process.ts'

/** Decides which deed is done where; another one tries other combinations. */
const seed = Number(process.env['JUNK_SEED'] ?? 1)
/** How many failures a test tells before it stops. */
const MAX_TOLD = 5
/** How long a test that has failed looks for more failures, so that it can tell them before it is out of time. */
const MAX_FAILING_MS = 15_000

/** What handlers in plain JavaScript set by mistake. Where nothing has such a name, it must mean nothing. */
const otherNames: Readonly<Record<string, string>> = {
  request: 'user locals app settings segments rawPath isPlain refusal heldSession takeReleases readParamsWith',
  'request.response': 'body send source fields pending json end headers statusCode type alongside wasLent pack fail',
  'request.cookie': 'takeLines value',
}

type What = Pick<Deed, 'object' | 'name' | 'action' | 'junk' | 'count'>

describe('junk: nothing that a handler does ends the process or harms the next request', function () {
  this.timeout(30_000)
  let junkProcess: JunkProcess
  let targets: readonly Target[]

  before(async () => {
    junkProcess = await JunkProcess.start()
    targets = await junkProcess.targets()
  })

  beforeEach(async () => {
    if (junkProcess.isRunning && (await junkProcess.check()) === undefined) return
    junkProcess.stop()
    junkProcess = await JunkProcess.start()
  })

  after(() => junkProcess.stop())

  it('reaches all that a handler has', () => {
    const objects = targets.map(({ object }) => object)
    expect(objects).to.include.members(['request', 'controller', 'request.response', 'request.cookie'])
    expect(objects).to.include.members(['request.session', 'request.view', 'request.context', 'request.signal'])
    expect(objects).to.include.members(['request.server', 'request.response.sse()', 'request.file()'])
  })

  for (const [what, isMeant] of Object.entries(groups())) {
    it(`whatever is assigned to, deleted from or read of ${what}`, () =>
      survive(spread(targets.filter(isMeant).flatMap(meddle), ['bare', 'caught', 'awaited'])))

    it(`whatever methods of ${what} are called with`, () =>
      survive(spread(targets.filter(isMeant).flatMap(callMethods), ['bare', 'caught', 'awaited'])))

    it(`whatever methods of ${what} return and nothing waits for`, () =>
      survive(spread(targets.filter(isMeant).flatMap(callMethods), ['floating'])))
  }

  it('whatever is assigned to names that other frameworks have, or that this one had', () => {
    const whats = Object.entries(otherNames).flatMap(([object, names]) =>
      names
        .split(' ')
        .flatMap((name) => junkNames.map((junk) => ({ object, name, action: 'assign' as const, junk, count: 0 }))),
    )
    return survive(spread(whats, ['bare', 'caught']))
  })

  it('whatever is thrown or returned, in every place', () => {
    const deeds = places.flatMap((place) =>
      junkNames.flatMap((junk) => [deedOf('throw', junk, place), deedOf('return', junk, place)].flatMap(atOnceAndLate)),
    )
    return survive(deeds)
  })

  it('however often next() is called, and with what', () => {
    const deeds = (['before next', 'after next'] as const).flatMap((place) =>
      junkNames.flatMap((junk) =>
        [1, 2, 3].flatMap((count) =>
          (['bare', 'caught', 'awaited', 'floating'] as const).flatMap((mode) =>
            atOnceAndLate({ ...deedOf('next', junk, place), count, mode }),
          ),
        ),
      ),
    )
    return survive(deeds)
  })

  async function survive(deeds: readonly Deed[]): Promise<void> {
    expect(deeds).to.not.have.lengthOf(0)
    const failures: string[] = []
    const patientUntil = Date.now() + MAX_FAILING_MS
    for (const deed of deeds) {
      const told = junkProcess.faults.length
      const failure = (await junkProcess.send(deed)) ?? (await junkProcess.check())
      const isBroken = failure !== undefined || !junkProcess.isRunning
      if (isBroken) failures.push(`${describeDeed(deed)}: ${failure ?? ''} ${junkProcess.lastWords}`)
      if (junkProcess.faults.length > told) failures.push(...takeFaults())
      if (failures.length >= MAX_TOLD || (failures.length > 0 && Date.now() > patientUntil)) break
      if (isBroken) await restart()
    }
    const acted = await junkProcess.settle()
    failures.push(...takeFaults())
    if (failures.length > 0) throw new Error(`with JUNK_SEED=${seed}:\n${failures.slice(0, MAX_TOLD).join('\n')}`)
    const missed = deeds.map(({ object, name }) => `${object}.${name}`).filter((subject) => !acted.has(subject))
    expect(missed, 'to which nothing was done').to.deep.equal([])
  }

  function takeFaults(): string[] {
    return junkProcess.faults.splice(0).map(({ deed, text }) => `${deed && describeDeed(deed)}: ${text}`)
  }

  async function restart(): Promise<void> {
    junkProcess.stop()
    junkProcess = await JunkProcess.start()
  }
})

function groups(): Record<string, (target: Target) => boolean> {
  const own = ['response', 'cookie', 'session', 'view', 'context', 'server', 'signal']
  const below =
    (name: string) =>
    ({ object }: Target) =>
      object.startsWith(`request.${name}`)
  return {
    'the request': ({ object }) =>
      object.startsWith('request') && !own.some((name) => object.startsWith(`request.${name}`)),
    ...Object.fromEntries(own.map((name) => [`request.${name}`, below(name)])),
    'a controller': ({ object }) => object.startsWith('controller'),
  }
}

/** All that can be done to the properties of an object but to call them. */
function meddle({ object, names }: Target): What[] {
  const of = (name: string, action: Action, junk = '') => ({ object, name, action, junk, count: 0 })
  return names.flatMap(({ name }) => [
    of(name, 'read'),
    ...junkNames.map((junk) => of(name, 'assign', junk)),
    of(name, 'delete'),
    of(name, 'define'),
    ...(object.endsWith('server') ? [] : [of(name, 'freeze')]),
  ])
}

/** Calls of all methods with nothing, one and several of each kind of junk. */
function callMethods({ object, names }: Target): What[] {
  const methods = names.filter(({ isMethod }) => isMethod)
  return methods.flatMap(({ name }) => [
    { object, name, action: 'call', junk: '', count: 0 },
    ...junkNames.flatMap((junk) => [1, 3].map((count) => ({ object, name, action: 'call' as const, junk, count }))),
  ])
}

/** Gives each deed a place, a time and a mode, in turn, so that each name has been tried in all of them. */
function spread(whats: readonly What[], modes: readonly Mode[]): Deed[] {
  return whats.map((what, index) => {
    const possible = what.object.startsWith('controller') ? (['init', 'method', 'shut'] as const) : places
    const turn = index + seed
    return {
      ...what,
      place: possible[turn % possible.length] as Deed['place'],
      // What a method hands out may have to be waited for.
      isLate: what.object.includes('()') || Math.floor(turn / possible.length) % 2 === 0,
      mode: isEndOfStream(what) ? 'floating' : (modes[(turn + Math.floor(turn / modes.length)) % modes.length] as Mode),
    }
  })
}

/** What would wait for the end of a stream that begins after it. */
function isEndOfStream({ object, name, action }: What): boolean {
  return object.endsWith('sse()') && name === 'closed' && action === 'read'
}

function deedOf(action: Action, junk: string, place: Deed['place']): Deed {
  return { object: '', name: action, action, junk, count: 0, place, isLate: false, mode: 'bare' }
}

function atOnceAndLate(deed: Deed): Deed[] {
  return [deed, { ...deed, isLate: true }]
}
