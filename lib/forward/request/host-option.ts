import { type Option, parseHost, textSchema } from '../../kit.ts'

/** Declares the option `host`: what the Host field says that nodes get. */
export function hostOption(): Option<string, 'maybe'> {
  const isValid = (value: unknown) =>
    typeof value === 'string' &&
    value !== '' &&
    (value === 'keep' || value === 'node' || parseHost(value) !== undefined)
  return {
    isValid,
    words: '"keep", "node" or a host with or without a port',
    defaultText: 'keep',
    summary: 'the Host field that nodes get',
    json: () => textSchema,
  }
}
