import { ConfigError } from '../../index.ts'
import { type ChainsOptions, type ChainsPort, isObject, printValue } from '../../kit.ts'
import { Chain } from './chain.ts'
import { type ChainOptions, type HopOptions, readChain, readHop } from './chain-options.ts'
import { Hop } from './hop.ts'

/** Makes the chains that the options of a server name. Chains that share a hop by its name share what is known of its nodes. */
export function createServerChains({ chains = {}, hops = {} }: ChainsOptions): ChainsPort {
  const hopsByName = new Map(
    Object.entries(hops).map(([name, options]) => {
      return [name, new Hop(readHop(named<HopOptions>(name, options, 'hops'), `hops.${name}.`), name)] as const
    }),
  )
  const byName = new Map(
    Object.entries(chains).map(([name, given]) => {
      const chain =
        given instanceof Chain
          ? given
          : new Chain(readChain(named<ChainOptions>(name, given, 'chains'), `chains.${name}.`))
      chain.resolve(hopsByName)
      return [name, chain] as const
    }),
  )
  return {
    chains: byName,
    check: () => {
      for (const chain of byName.values()) chain.check()
    },
    close: () => Promise.all([...byName.values()].map((chain) => chain.close())),
  }
}

/** The key is the name. */
function named<Options extends { name?: string }>(name: string, options: unknown, place: string): Options {
  const wrong = (message: string) => new ConfigError(message, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
  if (!isObject(options))
    throw wrong(`option "${place}.${name}" must be an object of options, got ${printValue(options)}`)
  const { name: own = name } = options as Options
  if (own !== name)
    throw wrong(`option "${place}.${name}.name" must be "${name}", as its key, or left out, got ${printValue(own)}`)
  return { ...(options as Options), name }
}
