// Connecting: resolve, try each address in turn, TLS when asked for; all of it within one limit.
// Home loop.
#pragma once

#include "net/tls.hpp"
#include "net/url.hpp"

namespace telltale::net {

struct DialTarget {
  std::string host;
  std::string port;
  std::shared_ptr<const TlsContext> tls = {};  // none: plain TCP
  base::Duration limit = std::chrono::seconds(10);
};

runtime::TaskResult<std::unique_ptr<Transport>> dial(runtime::Loop& loop, DialTarget target);

}  // namespace telltale::net
