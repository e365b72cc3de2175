import { temporaryFolder } from './temporary-folder.ts'

/** A folder whose `site` is to be served, with what a site may hold, what leads out of it, and what lies beside it. */
export function createSite(): string {
  return temporaryFolder({
    'site/index.html': '<h1>home</h1>',
    'site/app.js': 'run()',
    'site/docs/index.html': 'docs',
    'site/docs/page.txt': 'page',
    'site/empty/.keep': '',
    'site/private/secret.txt': 'secret',
    'site/a:b/index.html': 'colon',
    'site/evil.example/index.html': 'evil',
    'site/näme €.txt': 'named',
    'site/100%.txt': 'percent',
    'site/%2e%2e': 'odd',
    'site/listed/<img src=x onerror=alert(1)>.txt': 'x',
    'site/listed/"quoted" & \'more\'.txt': 'x',
    'site/listed/zoo/animal.txt': 'x',
    'site/listed/.hidden': 'hidden',
    'site/listed/link-out': { to: '../../outside.txt' },
    'site/listed/link-in': { to: '../app.js' },
    'site/listed/link-broken': { to: 'nowhere' },
    'site/release': { to: 'docs' },
    'site/open': { to: 'private' },
    'site/open.txt': { to: 'private/secret.txt' },
    'linked-site': { to: 'site' },
    'site/.env': 'hidden',
    'other/app.js': 'other()',
    'other/only.txt': 'only',
    'outside.txt': 'outside',
    'plain.txt': 'no folder',
  })
}
