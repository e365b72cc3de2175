/** What requests and responses are told by the options of their server. */
export interface RequestSettings {}
