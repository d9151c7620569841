// How OAuth talks to servers it has only heard of: JSON documents and forms, nothing but https (or
// http to this machine), no further in than whoever named the URL, 1 MiB, 15 s, no redirect to
// another origin. Home loop.
#pragma once

#include "base/json.hpp"
#include "mcp/oauth/form.hpp"
#include "net/http_client.hpp"

namespace telltale::mcp::oauth {

// The certificates to trust, read at the first https and kept for the next.
struct TlsCache {
  std::shared_ptr<const net::TlsContext> context;
};

// Who has named what we dial, in turn: each can only make it less.
struct Trust {
  net::OutboundPolicy outbound = {};
  std::shared_ptr<TlsCache> tls = {};
  std::vector<std::string> named_by = {};  // addresses, for those who store it
  net::Resolve resolve = {};               // tests bring their own

  Trust through(const net::IpAddress& peer) const;  // an unknown peer changes nothing
  Trust through(const std::vector<std::string>& peers) const;
};

struct Fetched {
  int status = 0;
  net::Headers headers = {};
  std::string body = {};
  net::IpAddress peer = {};
};

// GET; at most three redirects, within the origin.
runtime::TaskResult<Fetched> fetch_document(Trust trust, std::string url);
// POST; never redirected: a form carries credentials.
runtime::TaskResult<Fetched> post(Trust trust, std::string url, net::Headers headers,
                                  std::string body);

}  // namespace telltale::mcp::oauth
