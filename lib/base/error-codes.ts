/**
 * The families of errors, one for each class. An error's `code` is that of its family. Messages may change, codes don't.
 */
export const errorCodes = {
  config: 'ERR_TRIBIND_CONFIG',
  route: 'ERR_TRIBIND_ROUTE',
  duplicateRoute: 'ERR_TRIBIND_DUPLICATE_ROUTE',
  state: 'ERR_TRIBIND_STATE',
  listen: 'ERR_TRIBIND_LISTEN',
  command: 'ERR_TRIBIND_COMMAND',
  http: 'ERR_TRIBIND_HTTP',
  validation: 'ERR_TRIBIND_VALIDATION',
  response: 'ERR_TRIBIND_RESPONSE',
  cookie: 'ERR_TRIBIND_COOKIE',
  view: 'ERR_TRIBIND_VIEW',
} as const

/** The code of a family of errors. */
export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes]

/**
 * The catalogue of failures: what an error's `failure` may be, by family, and when it occurs. docs/errors.md lists the same.
 */
export const failures = {
  ERR_TRIBIND_CONFIG: {
    ERR_TRIBIND_OPTION_UNKNOWN: 'An option has a name that does not exist.',
    ERR_TRIBIND_OPTION_VALUE: 'An option has a value that it cannot have.',
    ERR_TRIBIND_OPTION_MISSING: 'A required option is missing.',
    ERR_TRIBIND_OPTION_CONFLICT: 'Two options contradict each other.',
    ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION: 'A call that takes a function got something else.',
    ERR_TRIBIND_ADDRESS_SYNTAX: 'An address is not a host and port, and not the path of a Unix socket.',
    ERR_TRIBIND_ADDRESS_PORT: 'A port is set for the address of a Unix socket.',
    ERR_TRIBIND_ADDRESS_LENGTH: 'The path of a Unix socket is longer than the system allows.',
    ERR_TRIBIND_ENTRY_POINT_UNKNOWN: 'There is no entry point of that name.',
    ERR_TRIBIND_ENTRY_POINT_OPEN: 'An entry point that is open already was to be opened.',
    ERR_TRIBIND_ENTRY_POINT_CLOSED: 'An entry point that is closed was to be replaced.',
    ERR_TRIBIND_BASE_CONTEXT: 'The option `baseContext` returned a value that no context can inherit from.',
    ERR_TRIBIND_COMPONENT: 'What was passed to `install` is not a component.',
    ERR_TRIBIND_LAYER_NAME: 'The name of a layer is not a non-empty string.',
    ERR_TRIBIND_LAYER_KEY: 'A value was to be kept without a key.',
    ERR_TRIBIND_SWITCH_EVENT: 'A function was passed to `on` or `off` of a server for an event that does not exist.',
    ERR_TRIBIND_HTTP_ERROR_STATUS: 'An `HttpError` was created with a status that is not from 400 to 599.',
    ERR_TRIBIND_LOG_LEVEL: 'The environment variable `LOG_LEVEL` names a level that does not exist.',
    ERR_TRIBIND_BASIC_AUTH_USER: 'A user of `fixedUsers` has a name or password that cannot be sent.',
    ERR_TRIBIND_CONNECT_ERROR_HANDLER: 'An error handler, a function of four parameters, was passed to `fromConnect`.',
    ERR_TRIBIND_WEB_SOCKET_PROTOCOL:
      'The option `handleProtocols` returned a subprotocol that the client does not offer.',
    ERR_TRIBIND_SESSION_ID: 'The option `session.genid` did not return a non-empty string.',
    ERR_TRIBIND_TLS_FILE: 'A file of a key or certificate cannot be read.',
    ERR_TRIBIND_TLS_KEY: 'The option `https.key` is not a private key, or its passphrase is wrong or missing.',
    ERR_TRIBIND_TLS_CERTIFICATE: 'The option `https.cert` or `https.ca` is not a certificate.',
    ERR_TRIBIND_TLS_MISMATCH: 'Key and certificate do not belong together.',
    ERR_TRIBIND_TLS_OPTIONS: 'TLS refuses the options, such as a list of unknown ciphers.',
  },
  ERR_TRIBIND_ROUTE: {
    ERR_TRIBIND_ROUTE_ARGUMENTS: 'A registration call got more arguments than it takes.',
    ERR_TRIBIND_ROUTE_FROZEN: 'A registration came after the server was started.',
    ERR_TRIBIND_ROUTE_TYPE: 'A pattern is not a string.',
    ERR_TRIBIND_ROUTE_START: 'A route does not begin with `/`.',
    ERR_TRIBIND_ROUTE_METHOD_UNKNOWN: 'A pattern names an unknown HTTP method.',
    ERR_TRIBIND_ROUTE_METHOD_EXTRA:
      'A pattern names an HTTP method where the call sets the method, or where none is allowed.',
    ERR_TRIBIND_ROUTE_DOMAIN_INVALID: 'A domain is not a host name, or not a string.',
    ERR_TRIBIND_ROUTE_DOMAIN_EXTRA: 'A pattern names a domain and is bound on a domain.',
    ERR_TRIBIND_ROUTE_SEGMENT_UNREACHABLE: 'A segment is one that no path has: `.`, `..`, or with NUL or a backslash.',
    ERR_TRIBIND_ROUTE_FIELD_UNCLOSED: 'A segment has a `{` without a `}`.',
    ERR_TRIBIND_ROUTE_FIELDS_ADJACENT: 'Two fields of a segment have no text between them.',
    ERR_TRIBIND_ROUTE_FIELD_UNNAMED: 'A field has no name.',
    ERR_TRIBIND_ROUTE_PARAM_NAME:
      'The name of a parameter has a character other than letters, digits, `_`, `-` and `.`.',
    ERR_TRIBIND_ROUTE_PARAM_DUPLICATE: 'A route has two parameters of the same name.',
    ERR_TRIBIND_ROUTE_PARAM_UNNAMED: 'A pattern for `createPath` has a parameter without a name.',
    ERR_TRIBIND_ROUTE_PARAM_MISSING: 'A parameter has no value in a call of `createPath`.',
    ERR_TRIBIND_ROUTE_PARAM_VALUE: 'A parameter has a value that it cannot have in a call of `createPath`.',
    ERR_TRIBIND_ROUTE_EVENT_UNKNOWN: 'A hook is bound to an event that does not exist.',
    ERR_TRIBIND_ROUTE_STATUS: 'A status handler is bound to a status that is not from 200 to 599.',
    ERR_TRIBIND_ROUTE_HANDLER: 'A handler, hook, middleware or function of a group is missing, or is not one.',
    ERR_TRIBIND_ROUTE_OBJECT: 'What was bound as an object is not an object.',
    ERR_TRIBIND_ROUTE_CONTROLLER: 'What was bound as a controller is not a class.',
    ERR_TRIBIND_ROUTE_MEMBERS_MISSING: 'An object or class has no method that can be bound.',
    ERR_TRIBIND_ROUTE_MEMBERS_EMPTY: 'A list of methods is empty, or is not a list.',
    ERR_TRIBIND_ROUTE_MEMBER_UNKNOWN: 'A list names a method that does not exist or cannot be bound.',
    ERR_TRIBIND_ROUTE_NAME_MISSING: 'A pattern has `{.struct}`, and the class has no name.',
    ERR_TRIBIND_ROUTE_NAME_SEGMENT: 'The name of a class or method cannot be a segment of a path.',
    ERR_TRIBIND_ROUTE_STATIC_PREFIX: 'The prefix of a static folder has a `*`.',
    ERR_TRIBIND_ROUTE_STATIC_ROOT: 'A static folder does not exist, or is not a folder.',
  },
  ERR_TRIBIND_STATE: {
    ERR_TRIBIND_SERVER_STARTED: 'A call that is only allowed before the start came after it.',
    ERR_TRIBIND_SERVER_STOPPED: 'The server was stopped before or while it carried out the call.',
    ERR_TRIBIND_SERVER_NOT_RUNNING: 'A call that needs a running server came before the start or after the stop.',
    ERR_TRIBIND_LAYER_CODE: 'The layer `code` was to be replaced or removed.',
    ERR_TRIBIND_LAYER_VERSION: 'The option `ifVersion` of a replacement is not the version of the server.',
    ERR_TRIBIND_LAYER_BUILT: 'Something was bound or kept in a layer after its build had ended.',
    ERR_TRIBIND_LAYER_AWAITED: 'A build awaits a replacement that comes after it.',
    ERR_TRIBIND_SERVICE_UNKNOWN: 'No service of that name is registered.',
    ERR_TRIBIND_NEXT_TWICE: 'A middleware called `next()` twice.',
    ERR_TRIBIND_BODY_READ: 'The body of a request was already read in another way.',
    ERR_TRIBIND_BODY_GONE: 'The body of a request is read after the request was answered.',
    ERR_TRIBIND_RESPONSE_SENT:
      'A cookie was set, or `sse` or `hijack` called, after the head of the response was sent.',
    ERR_TRIBIND_SESSION_DISABLED: 'The session of a request is used, and the option `session` is not set.',
    ERR_TRIBIND_SESSION_PATH: 'The request is for a path that the session cookie is not sent to.',
    ERR_TRIBIND_SESSION_DESTROYED: 'A value was set in a session that was destroyed.',
    ERR_TRIBIND_SESSION_SAVED: 'A session was changed after it was saved.',
    ERR_TRIBIND_WEB_SOCKET_CLOSED: 'A test sent a message on a WebSocket that is closed.',
  },
  ERR_TRIBIND_LISTEN: {
    ERR_TRIBIND_LISTEN_IN_USE: 'Another process or server listens on the address.',
    ERR_TRIBIND_LISTEN_PERMISSION: 'The process has no permission to listen on the address.',
    ERR_TRIBIND_LISTEN_UNAVAILABLE: 'The machine does not have the address.',
    ERR_TRIBIND_LISTEN_HOST: 'The name of the host cannot be resolved.',
    ERR_TRIBIND_LISTEN_PATH: 'The path of a Unix socket has no folder, or names a file that is not a socket.',
    ERR_TRIBIND_LISTEN_SYSTEM: 'The system refuses to listen for another reason, which `cause` names.',
  },
  ERR_TRIBIND_COMMAND: {
    ERR_TRIBIND_COMMAND_EXIT: 'A command ended with another exit code than 0, or was ended by a signal.',
    ERR_TRIBIND_COMMAND_START:
      'A command could not be started: there is no such program, or it is not permitted to run.',
    ERR_TRIBIND_COMMAND_TIMEOUT: 'A command ran longer than its `timeout`, and was ended.',
    ERR_TRIBIND_COMMAND_THREW: 'A function among the commands threw or rejected; `cause` is what it threw.',
    ERR_TRIBIND_COMMAND_STOPPED: 'A command was ended because the server was stopped.',
  },
  ERR_TRIBIND_RESPONSE: {
    ERR_TRIBIND_RESPONSE_MEMBER: 'A member that a response does not have, such as `body`, was set.',
    ERR_TRIBIND_RESPONSE_STATUS: 'A status is not an integer from 200 to 599.',
    ERR_TRIBIND_RESPONSE_REDIRECT_STATUS: 'The status of a redirect is not an integer from 300 to 399.',
    ERR_TRIBIND_RESPONSE_REDIRECT_TARGET:
      'The target of a redirect is not a URL or text, has control characters, or a scheme other than http and https.',
    ERR_TRIBIND_RESPONSE_HEADER_FIELD:
      'A header field has a name or value that HTTP forbids, or a value of another type.',
    ERR_TRIBIND_RESPONSE_CONTENT: 'What was written is not text, bytes or a stream, and JSON has no text for it.',
    ERR_TRIBIND_RESPONSE_SECOND_STREAM: 'A stream was written, and the response already has a stream or a file.',
    ERR_TRIBIND_RESPONSE_BESIDE_FILE: 'Text was written beside a file.',
    ERR_TRIBIND_RESPONSE_FILE_AFTER_HEAD: 'A file was served after the head was sent through `response.raw`.',
    ERR_TRIBIND_RESPONSE_FILE_NAME: 'The name for a download is not a string.',
    ERR_TRIBIND_RESPONSE_NETWORK_ERROR: 'A handler returned `Response.error()`, which has no status.',
    ERR_TRIBIND_EVENT_FIELD: 'The `event` or `id` of an event is not a string, or contains CR, LF or NUL.',
    ERR_TRIBIND_EVENT_RETRY: 'The `retry` of an event is not an integer from 0.',
  },
  ERR_TRIBIND_COOKIE: {
    ERR_TRIBIND_COOKIE_NAME: 'The name of a cookie is not a token.',
    ERR_TRIBIND_COOKIE_VALUE: 'The value of a cookie is not a string, or has half a surrogate pair.',
    ERR_TRIBIND_COOKIE_PREFIX: 'A cookie lacks what its prefix `__Host-` or `__Secure-` requires.',
    ERR_TRIBIND_COOKIE_ATTRIBUTE: 'RFC 6265 forbids the path or domain of a cookie.',
    ERR_TRIBIND_COOKIE_SECRET: 'A signed cookie is set or read, and the option `cookieSecret` is not set.',
  },
  ERR_TRIBIND_HTTP: {
    ERR_TRIBIND_BODY_TOO_LARGE: '413: a body is larger than `maxBodySize`.',
    ERR_TRIBIND_BODY_INCOMPLETE: '400: the client closed the connection before the end of its body.',
    ERR_TRIBIND_BODY_ENCODING: '415: a body has a `Content-Encoding` that the server does not accept.',
    ERR_TRIBIND_BODY_INFLATE: '400: a body cannot be inflated.',
    ERR_TRIBIND_BODY_RATIO: '413: a body inflates to more than `inflate.maxRatio` times its size.',
    ERR_TRIBIND_BODY_SHARE: '413: the bodies that are being inflated exceed `inflate.maxBytes`.',
    ERR_TRIBIND_BODY_TYPE: '415: a body does not have the `Content-Type` it is read as.',
    ERR_TRIBIND_BODY_CHARSET: '415: a body, or a name in a form, has a charset that is not supported.',
    ERR_TRIBIND_BODY_TEXT: '400: a body, or a name in a form, has bytes that are invalid in its charset.',
    ERR_TRIBIND_BODY_JSON: '400: a body is not JSON, or has a forbidden key.',
    ERR_TRIBIND_FORM_LIMIT: '413: a form exceeds a limit of the option `upload`, or a part has too large a head.',
    ERR_TRIBIND_FORM_SYNTAX: '400: a multipart form cannot be read in one way.',
    ERR_TRIBIND_FORM_NAME: '400: a field of a form has the name `__proto__`.',
    ERR_TRIBIND_FORM_ENCODING: '415: a part of a form has a `Content-Transfer-Encoding`.',
    ERR_TRIBIND_FILE_NOT_FOUND: '404: a file does not exist, or is not a file.',
    ERR_TRIBIND_FILE_FORBIDDEN: '403: the process has no permission to read a file.',
    ERR_TRIBIND_JSONP_CALLBACK: '400: the callback of `writeJsonp` is not a name.',
    ERR_TRIBIND_AUTHENTICATION: '401: a request has no credentials that `basicAuth` accepts.',
    ERR_TRIBIND_TIMEOUT: '503: a request takes longer than `timeout` allows.',
    ERR_TRIBIND_WEB_SOCKET_HANDSHAKE: '400: a request to open a WebSocket is invalid.',
    ERR_TRIBIND_WEB_SOCKET_ORIGIN: '403: a page of another origin opens a WebSocket.',
    ERR_TRIBIND_WEB_SOCKET_VERSION: '426: a client asks for another version of WebSocket than 13.',
  },
  ERR_TRIBIND_VIEW: {
    ERR_TRIBIND_VIEW_NAME: 'The name of a template is empty, too long, not a string, or has control characters.',
    ERR_TRIBIND_VIEW_ROOT_MISSING: 'A template is named, and the option `view` is not set.',
    ERR_TRIBIND_VIEW_NOT_FOUND: 'A template does not exist.',
    ERR_TRIBIND_VIEW_OUTSIDE_ROOT: 'A template is outside the root.',
    ERR_TRIBIND_VIEW_NOT_A_FILE: 'A template is a folder, a pipe or a device.',
    ERR_TRIBIND_VIEW_RECURSION: 'Templates include each other without end.',
    ERR_TRIBIND_VIEW_TEMPLATE:
      'A template has a syntax error, or threw while it was rendered; `cause` is the original error.',
    ERR_TRIBIND_VIEW_RESULT: 'The engine returned something other than a string.',
  },
} as const

type FailuresByFamily = typeof failures

/** The code of one failure. That of the family stands for failures that have none of their own. */
export type FailureCode =
  ErrorCode | { [Family in keyof FailuresByFamily]: keyof FailuresByFamily[Family] }[keyof FailuresByFamily]
