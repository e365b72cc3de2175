import { StateError } from '../base/errors.ts'

/** A declaration, by which the input of a request that was checked is asked for. */
export interface InputKey<Input> {
  /** For types only: it has no value. */
  readonly input?: Input | undefined
}

/** An input, and the declaration by which it was checked. */
export interface CheckedInput {
  readonly key: object
  readonly input: object
}

/** Returns the checked input of a request. @throws StateError if none was checked, or by another declaration */
export function inputOf<Input>(kept: CheckedInput | undefined, key: InputKey<Input>): Input {
  if (kept?.key === key) return kept.input as Input
  throw new StateError(
    kept === undefined
      ? 'request.input: no input was checked yet: it is there in the endpoint that has the declaration, from its method on, not in init, and after it'
      : 'request.input: the endpoint has another declaration: pass that with which it was declared',
    { failure: 'ERR_TRIBIND_INPUT_UNCHECKED' },
  )
}
