import { text } from '../../kit.ts'
import type { Option } from '../../kit.ts'

/** Declares a member that must be a non-empty text. */
export const textOption: Option<unknown, 'always', string> = text({ required: true }) as Option<
  unknown,
  'always',
  string
>
