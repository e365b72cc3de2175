import { expect } from 'chai'
import { createListenError } from '../../../lib/entrypoint/listener.ts'

// What can't be had here at will: no permission, no IPv6, no name server.
const cases = {
  EACCES: ['choose a port from 1024', 'PERMISSION'],
  EADDRINUSE: ['choose another port', 'IN_USE'],
  EADDRNOTAVAIL: ['choose one that it has', 'UNAVAILABLE'],
  EAFNOSUPPORT: ['choose one that it has', 'UNAVAILABLE'],
  ENOTFOUND: ['write an address of this machine', 'HOST'],
  EAI_AGAIN: ['write its address', 'HOST'],
  EWHATEVER: ['as the system says', 'SYSTEM'],
} as const

describe('createListenError', () => {
  for (const [code, [advice, failure]] of Object.entries(cases)) {
    it(`names the address and what to do: ${code}`, () => {
      const cause = Object.assign(new Error('as the system says'), { code })
      const error = createListenError({ host: '::1', port: 80 }, cause)
      expect(error).to.include({ code: 'ERR_TRIBIND_LISTEN', failure: `ERR_TRIBIND_LISTEN_${failure}`, cause })
      expect(error.message)
        .to.match(/^can't listen on \[::1\]:80 /)
        .and.include(`(${code})`)
        .and.include(advice)
    })
  }
})
