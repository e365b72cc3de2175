import { suggestName, text, type Option } from '../../kit.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'
import { MakingError } from '../model/making-error.ts'

const textOption: Option<unknown, 'always', string> = text({ required: true }) as Option<unknown, 'always', string>

/** What code gave a name to by `server.provide`. */
export const useService: Kind<Service> = {
  ...kind<{ use: string }>('use', { use: textOption }, ({ read, provided }) => {
    const found = provided.get(read.use)
    if (found !== undefined) return found
    const advice = suggestName(read.use, provided.keys())
    throw new MakingError('use', `must be a name that server.provide() was called with, got "${read.use}"${advice}`)
  }),
  isOthers: true,
}
