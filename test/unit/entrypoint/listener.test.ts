import { expect } from 'chai'
import { createListenError } from '../../../lib/entrypoint/listener.ts'

// What can't be had here at will: no permission, no IPv6, no name server.
const cases = {
  EACCES: 'choose a port from 1024',
  EADDRINUSE: 'choose another port',
  EADDRNOTAVAIL: 'take one of its own',
  EAFNOSUPPORT: 'take one that it has',
  ENOTFOUND: 'write an address of this machine',
  EAI_AGAIN: 'write the address itself',
  EWHATEVER: 'as the system says',
}

describe('createListenError', () => {
  for (const [code, advice] of Object.entries(cases)) {
    it(`names the address and what to do: ${code}`, () => {
      const cause = Object.assign(new Error('as the system says'), { code })
      const error = createListenError({ host: '::1', port: 80 }, cause)
      expect(error).to.include({ code: 'ERR_TRIBIND_LISTEN', cause })
      expect(error.message)
        .to.match(/^can't listen on \[::1\]:80 /)
        .and.include(`(${code})`)
        .and.include(advice)
    })
  }
})
