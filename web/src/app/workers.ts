// Trusted Types: the address of a worker has to come from a policy; this is the one that the server's policy names. It lets through
// what this page was built with, and nothing else.
import {t} from '../messages/en/shell';
interface Policy {createScriptURL(url: string): unknown}
interface Factory {createPolicy(name: string, rules: {createScriptURL(url: string): string}): Policy}

let policy: Policy | null | undefined;

export function workerUrl(url: URL): unknown {
  policy ??= (window as unknown as {trustedTypes?: Factory}).trustedTypes?.createPolicy('worker', {
    createScriptURL: (given) => {
      const {origin, pathname} = new URL(given, location.href);
      if (origin !== location.origin || !(pathname === '/sw.js' || pathname.startsWith('/assets/'))) throw new TypeError(t.noWorker(given));
      return given;
    },
  }) ?? null;
  return policy ? policy.createScriptURL(url.href) : url;
}
