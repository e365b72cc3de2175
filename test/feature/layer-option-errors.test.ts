import { expect } from 'chai'
import { ConfigError, type Layer, Server } from 'tribind'
import { collectingLogger, rejected } from './both-ways.ts'

describe('layers: errors of options', () => {
  for (const [what, call, text] of [
    [
      'of replace',
      (layer) => layer.replace(() => {}, { dryrun: true } as never),
      /^replace of layer "shop": unknown option "dryrun", did/,
    ],
    ['of remove', (layer) => layer.remove({ ifVersion: 0 }), /^remove of layer "shop": option "ifVersion" must be/],
    [
      'in the place of the build',
      (layer) => layer.replace({ dryRun: true } as never, (() => {}) as never),
      /^replace of layer "shop": the build comes first, the options after it$/,
    ],
  ] as [string, (layer: Layer) => Promise<unknown>, RegExp][]) {
    it(`name the call and the layer, ${what}`, async () => {
      const error = await rejected(call(new Server({ logger: collectingLogger() }).layer('shop')))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(text)
    })
  }
})
