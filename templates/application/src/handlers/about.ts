import type { Request } from 'tribind'

/** Says what answers. */
export function about({ server, language }: Request): { name: string; node: string; title: string } {
  return { name: server.name, node: process.version, title: language.t('title') }
}
