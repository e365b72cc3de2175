/**
 * The types of chains and hops. `tribind/forward` declares them, so that an application without it needs none.
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface ChainTypes {}

/** The type of `server.chain()`. */
export type NamedChain = ChainTypes extends { readonly chain: infer Chain } ? Chain : unknown

/** What the option `chains` takes: a chain, or the options of one. */
export type ChainSetting = ChainTypes extends { readonly chainSetting: infer Setting } ? Setting : object

/** What the option `hops` takes: the options of a hop. */
export type HopSetting = ChainTypes extends { readonly hopSetting: infer Setting } ? Setting : object
