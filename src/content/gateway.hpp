// Gateway: one place blocks are asked of, a trustless gateway (IPFS specs, "Trustless Gateway":
// GET /ipfs/CID?format=raw) or a kubo RPC API (POST /api/v0/block/get). How it is asked, what its
// answer means, and for how long it is left alone after a fault. No I/O; home loop only.
#pragma once

#include "base/clock.hpp"
#include "content/block.hpp"
#include "net/http_client.hpp"

namespace telltale::content {

struct GatewayStats {
  std::string url;
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t missing = 0;   // answers that it has not got the block
  std::uint64_t failures = 0;  // connections and answers that failed
  std::uint64_t wrong = 0;     // bytes that were not what was asked for
  std::string last_error = {};
  double put_aside_seconds = 0;  // how much longer it is left alone
};

class Gateway {
 public:
  enum class Kind { trustless, kubo };
  // invalid_argument: no http(s) URL, or one with a query.
  static base::Result<Gateway> make(Kind kind, const std::string& url);

  net::ClientRequest request_for(const Cid& cid) const;
  // The block, checked; or why not. A fault puts the gateway aside: for wrong bytes ten minutes,
  // else five seconds and twice as long each time up to five minutes.
  base::Result<std::string> judge(const Cid& cid, base::Result<net::ClientResponse> answer,
                                  base::SteadyTime now);
  bool ready(base::SteadyTime now) const { return now >= aside_until_; }
  // Not for its bytes: when all are put aside, it may be tried before its time.
  bool trusted() const { return !distrusted_; }
  base::SteadyTime aside_until() const { return aside_until_; }
  const std::string& name() const { return stats_.url; }
  GatewayStats stats(base::SteadyTime now) const;

 private:
  Gateway(Kind kind, std::string url) : kind_(kind) { stats_.url = std::move(url); }
  base::Error fault(std::string detail, base::SteadyTime now, base::Duration least);

  Kind kind_;
  GatewayStats stats_;
  base::SteadyTime aside_until_{};
  base::Duration next_pause_ = std::chrono::seconds(5);
  bool distrusted_ = false;
};

}  // namespace telltale::content
