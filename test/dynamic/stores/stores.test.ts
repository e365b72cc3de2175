import { expect } from 'chai'
import { isInstalled, startEngine, type StoreEngine } from './engines.ts'
import { storeKinds } from './store-kinds.ts'
import { describeStore } from './store-suite.ts'

for (const kind of storeKinds) {
  if (isInstalled(kind.name))
    describe(`a configuration in ${kind.name}`, () => {
      let engine: StoreEngine
      before(async () => {
        engine = await startEngine(kind.name)
      })
      after(() => engine.remove())
      describeStore(kind, () => engine)
    })
  else if (process.env.CI)
    it(`configurations in ${kind.name}: in CI it is installed`, () => expect.fail('its program is not there'))
  else console.log(`configurations in ${kind.name} are not tested: its program is not there`)
}
