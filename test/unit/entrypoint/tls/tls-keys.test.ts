import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TlsKeys } from '../../../../lib/entrypoint/tls/tls-keys.ts'
import { collectingLogger, type Entry } from '../../../feature/both-ways.ts'
import { cert, key } from '../../../feature/key-pair.ts'
import { temporaryFolder } from '../../../feature/temporary-folder.ts'

describe('TlsKeys', () => {
  const folder = temporaryFolder({ 'key.pem': key, 'cert.pem': cert })

  // Most often for want of watchers, of which the system has few; that can't be had in a test.
  it('serve on where their folder can’t be watched, and say so', async () => {
    const own = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
    const log: Entry[] = []
    const keys = await TlsKeys.load(own, { entryPoint: 'web', place: 'https', logger: collectingLogger(log) })
    rmSync(folder, { recursive: true })
    const forget = keys.onChange(() => {})
    expect(log.map(({ level, message }) => [level, message])).to.deep.equal([
      ['error', `${folder} can't be watched: a new key or certificate there isn't noticed`],
    ])
    expect(log[0]?.fields).to.include({ entryPoint: 'web' })
    expect(keys.pair).to.deep.equal({ key: Buffer.from(key), cert: Buffer.from(cert) })
    forget()
  })
})
