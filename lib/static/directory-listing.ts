import { escapeHtml } from '../base/escape-html.ts'

/** A file or folder in a list. */
export interface ListedEntry {
  readonly name: string
  readonly isFolder: boolean
}

/** A page with links to what a folder holds, folders first, then by name. */
export function createListing(path: string, entries: readonly ListedEntry[], hasParent: boolean): string {
  const sorted = entries.toSorted(compareEntries)
  const links = sorted.map(({ name, isFolder }) => createLink(`./${encodeURIComponent(name)}`, name, isFolder))
  const title = `Index of ${escapeHtml(path)}`
  return [
    '<!DOCTYPE html>',
    `<html><head><meta charset="utf-8"><title>${title}</title></head>`,
    `<body><h1>${title}</h1><ul>`,
    ...(hasParent ? [createLink('..', '..', true)] : []),
    ...links,
    '</ul></body></html>\n',
  ].join('\n')
}

function compareEntries(a: ListedEntry, b: ListedEntry): number {
  return Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1)
}

function createLink(target: string, name: string, isFolder: boolean): string {
  const slash = isFolder ? '/' : ''
  return `<li><a href="${escapeHtml(target)}${slash}">${escapeHtml(name)}${slash}</a></li>`
}
