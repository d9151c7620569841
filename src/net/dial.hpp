// Connecting: resolve once, check every address against the policy, try each in turn, TLS when
// asked for; all of it within one limit. One address that is not allowed refuses the name: a name
// that mixes them is an attack. Home loop.
#pragma once

#include <functional>

#include "net/outbound_policy.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace telltale::net {

// Name to addresses; empty: the system's resolver. Tests bring their own.
using Resolve = std::function<runtime::TaskResult<std::vector<IpAddress>>(std::string host)>;

struct DialTarget {
  std::string host;
  std::string port;
  std::shared_ptr<const TlsContext> tls = {};  // none: plain TCP
  base::Duration limit = std::chrono::seconds(10);
  OutboundPolicy outbound = {};
  Resolve resolve = {};
};

// The addresses of the host, when all of them may be connected to.
runtime::TaskResult<std::vector<IpAddress>> checked_addresses(runtime::Loop& loop,
                                                              DialTarget target,
                                                              base::SteadyTime deadline);

runtime::TaskResult<std::unique_ptr<Transport>> dial(runtime::Loop& loop, DialTarget target);

}  // namespace telltale::net
