import { bytes, type Option } from '../../kit.ts'

/** Declares how large a body may be that is kept to be sent once more, in bytes. */
export const keptBodyRow: Option<unknown, 'always', number> = bytes({ default: 1_048_576 })
