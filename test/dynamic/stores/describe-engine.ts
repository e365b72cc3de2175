import { expect } from 'chai'
import { type EngineName, isInstalled, startEngine, type StoreEngine } from './engines.ts'

/** Describes what needs an engine, which is started before and removed after it. */
export function describeEngine(name: EngineName, describeTests: (engine: () => StoreEngine) => void): void {
  if (isInstalled(name))
    describe(`a configuration in ${name}`, () => {
      let engine: StoreEngine
      before(async () => {
        engine = await startEngine(name)
      })
      after(() => engine.remove())
      describeTests(() => engine)
    })
  else if (process.env.CI) it(`configurations in ${name}: in CI it is installed`, () => expect.fail('it is not there'))
  else console.log(`configurations in ${name} are not tested: its program is not there`)
}
