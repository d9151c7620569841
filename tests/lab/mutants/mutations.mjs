// Every mutation: the rule it must be caught by, how it is served, and what else is bound to be found with it (a fault seldom comes
// alone: a server that names no tool also gives nothing to call).
const stdio = (...names) => names.map((name) => [name, {}]);
const over = (how, ...names) => names.map((name) => [name, how]);

export const mutations = [
  ...stdio(
    'lifecycle.initialize-answers', 'lifecycle.protocol-version', 'lifecycle.published-version', 'lifecycle.capabilities-given', 'lifecycle.capabilities-typed',
    'lifecycle.server-info', 'lifecycle.instructions-text', 'lifecycle.unknown-version', 'lifecycle.version-echoed', 'lifecycle.older-version', 'lifecycle.early-request',
    'lifecycle.initialize-without-params', 'lifecycle.no-early-requests', 'lifecycle.only-negotiated', 'lifecycle.survives-session',
    'jsonrpc.version-member', 'jsonrpc.result-or-error', 'jsonrpc.result-object', 'jsonrpc.error-object', 'jsonrpc.error-code', 'jsonrpc.error-message', 'jsonrpc.request-id',
    'jsonrpc.params-object', 'jsonrpc.meta-keys', 'jsonrpc.known-id', 'jsonrpc.one-answer', 'jsonrpc.text-id', 'jsonrpc.zero-id', 'jsonrpc.silent-notifications',
    'jsonrpc.unknown-method', 'jsonrpc.unknown-method-code', 'jsonrpc.concurrent-requests', 'jsonrpc.utf8', 'jsonrpc.parse-error', 'jsonrpc.parse-error-code',
    'jsonrpc.invalid-request', 'jsonrpc.survives-garbage',
    'tools.capability-declared', 'tools.list-answers', 'tools.name-given', 'tools.name-characters', 'tools.name-length', 'tools.names-unique', 'tools.description-text',
    'tools.input-schema', 'tools.schema-valid', 'tools.output-schema', 'tools.annotations-typed', 'tools.task-support', 'tools.unknown-refused',
    'tools.unknown-protocol-error', 'tools.nameless-refused', 'tools.arguments-validated', 'tools.call-content', 'tools.content-blocks', 'tools.content-base64',
    'tools.is-error-boolean', 'tools.structured-given', 'tools.structured-conforms', 'tools.structured-as-text',
    'resources.capability-declared', 'resources.list-answers', 'resources.name-given', 'resources.uri-valid', 'resources.members-typed', 'resources.annotations',
    'resources.templates', 'resources.read-answers', 'resources.contents', 'resources.blob-base64', 'resources.unknown-refused', 'resources.unknown-code',
    'resources.uri-validated', 'resources.subscribe-answers', 'resources.unsubscribe-answers',
    'prompts.capability-declared', 'prompts.list-answers', 'prompts.name-given', 'prompts.names-unique', 'prompts.description-text', 'prompts.arguments',
    'prompts.get-answers', 'prompts.messages', 'prompts.content-base64', 'prompts.unknown-refused', 'prompts.unknown-code', 'prompts.missing-argument',
    'utilities.ping-answers', 'utilities.ping-empty', 'utilities.unknown-notification', 'utilities.cancel-unknown', 'utilities.cancel-malformed',
    'utilities.progress-token', 'utilities.progress-rises', 'utilities.progress-stops', 'utilities.log-level-answers', 'utilities.log-level-refused',
    'utilities.log-level-respected', 'utilities.log-shape', 'utilities.log-declared', 'utilities.completion-answers', 'utilities.completion-shape',
    'utilities.completion-unknown', 'utilities.completions-declared', 'utilities.cursor-refused', 'utilities.cursor-code', 'utilities.cursor-text',
    'utilities.cursor-advances', 'utilities.list-changed-declared',
    'stdio.only-messages', 'stdio.one-line', 'stdio.no-byte-order-mark', 'stdio.ends-with-stdin', 'stdio.ends-without-error',
    'security.hidden-text', 'security.injected-instructions', 'security.server-instructions', 'security.control-characters', 'security.sanitized-results',
    'security.path-escape', 'security.error-stack-trace', 'security.error-paths', 'security.secrets-in-logs', 'security.secrets-in-results', 'security.remote-schema',
    'security.icon-schemes',
  ),
  ...over(
    {http: true},
    'http.origin-checked', 'http.content-type', 'http.answer-in-body', 'http.messages-json', 'http.notification-accepted', 'http.notification-no-body',
    'http.session-id-ascii', 'http.session-id-random', 'http.session-required', 'http.session-unknown', 'http.session-ended', 'http.delete-answers',
    'http.version-refused', 'http.version-absent', 'http.get-stream', 'http.get-no-answers', 'http.stream-ends', 'http.event-ids', 'http.content-type-checked',
    'http.accept-checked', 'http.method-checked', 'http.garbage-refused',
  ),
  ...over(
    {modern: true},
    'lifecycle.discover-answers', 'lifecycle.discover-versions', 'lifecycle.discover-server-info', 'lifecycle.stateless', 'lifecycle.meta-required',
    'lifecycle.unsupported-version', 'jsonrpc.reserved-codes', 'tools.list-order', 'tools.header-annotations', 'resources.unknown-invalid-params',
    'resources.unknown-not-empty', 'utilities.log-asked', 'utilities.listen-acknowledged', 'utilities.no-server-requests', 'caching.result-type', 'caching.ttl-given', 'caching.ttl-not-negative',
    'caching.scope-given',
  ),
  ...over(
    {modern: true, http: true},
    'http.version-mismatch', 'http.method-mismatch', 'http.method-missing', 'http.name-mismatch', 'http.unknown-method-404', 'http.unsupported-version-400',
    'http.no-session-ids',
  ),
];
