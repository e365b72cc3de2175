import { expect } from 'chai'
import { TribindError } from 'tribind'
import { failures } from '../../lib/base/error-codes.ts'
import { thrownBy } from './both-ways.ts'

/** The failure of what a call throws. */
export function failureOf(act: () => unknown): unknown {
  return Reflect.get(thrownBy(act), 'failure')
}

/** Expects an error of this failure, without its prefix, and of its family. */
export function expectFailure(error: unknown, failure: string): void {
  expect(error).to.be.instanceOf(TribindError)
  const family = Object.entries(failures).find(([, group]) => Object.hasOwn(group, `ERR_TRIBIND_${failure}`))?.[0]
  expect(error).to.include({ failure: `ERR_TRIBIND_${failure}`, code: family })
}
