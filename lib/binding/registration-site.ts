import { fileURLToPath } from 'node:url'
import { ownFolder } from '../own-folder.ts'


/** Where in the application something was registered. Only looked up when somebody asks: stacks are dear to print. */
export class RegistrationSite {
  readonly stack?: string

  constructor() {
    Error.captureStackTrace(this, RegistrationSite)
  }

  /** The first place outside of tribind, such as `/app/routes.ts:12`. */
  toString(): string {
    for (const line of this.stack?.split('\n') ?? []) {
      const [, place] = /^\s*at (?:.*\()?((?:file:\/\/)?[^()]+:\d+):\d+\)?$/.exec(line) ?? []
      if (place === undefined || place.startsWith('node:')) continue
      const path = place.startsWith('file://') ? toPath(place) : place
      if (!path.startsWith(ownFolder)) return path
    }
    return 'an unknown place'
  }
}

function toPath(place: string): string {
  const colon = place.lastIndexOf(':')
  return fileURLToPath(place.slice(0, colon)) + place.slice(colon)
}
