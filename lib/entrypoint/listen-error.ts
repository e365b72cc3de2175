import { ListenError } from '../base/errors.ts'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; choose another port, or 0 for a free one',
  EACCES: 'this process has no permission for it; choose a port from 1024, those below are often reserved',
  EADDRNOTAVAIL: 'this machine has no such address; take one of its own, or leave it out for every interface',
  EAFNOSUPPORT: 'this machine has no addresses of that kind; take one that it has, such as 127.0.0.1',
  ENOTFOUND: 'there is no such host; write an address of this machine',
  EAI_AGAIN: 'its name could not be looked up; try again, or write the address itself',
}

const unixReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; end it, or choose another path',
  EEXIST: 'what lies there is no socket, and is left alone; remove it, or choose another path',
  ENOENT: 'its folder does not exist; make it first',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'this process has no permission for it, or for its folder',
}

/** Says which address can't be listened on, why, and what to do. */
export function createListenError(address: Address, cause: NodeJS.ErrnoException): ListenError {
  const { code = '', message } = cause
  const reason = (isUnixAddress(address) ? unixReasons : reasons)[code] ?? message
  return new ListenError(`can't listen on ${formatAddress(address)} (${code}): ${reason}`, { cause })
}
