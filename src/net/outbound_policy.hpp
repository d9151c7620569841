// What Telltale may connect to: the guard against server-side request forgery. Every address that a
// name resolves to is checked before the connection, and the connection goes to an address that was
// checked, so that a name that changes its mind (DNS rebinding) gains nothing. Link-local
// addresses, cloud metadata services and reserved blocks (IANA special-purpose registries, RFC
// 6890) are never dialled, whatever is configured. A value; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "net/ip_network.hpp"
#include "net/url.hpp"

namespace telltale::net {

// From the outside inwards.
enum class Reach { internet, private_network, loopback, link_local, metadata, reserved };

Reach reach_of(const IpAddress& address);

class OutboundPolicy {
 public:
  // The default: the internet, private networks and loopback. Whoever may define a server may point
  // it at the machines at home; that is what most fleets are.
  OutboundPolicy() = default;
  // For what no administrator has written: webhooks, what documents from outside name.
  static OutboundPolicy internet_only();
  // The words of --outbound-allow: internet, private, loopback, address blocks. Nothing else is
  // allowed then.
  static base::Result<OutboundPolicy> parse(std::span<const std::string> words);

  // For an address that `peer` has named (OAuth metadata, a redirect): no further in than `peer`
  // itself is.
  OutboundPolicy named_by(const IpAddress& peer) const;

  base::Result<void> check(const IpAddress& address) const;
  // The port, and the address where the host is one: what can be told without asking the DNS.
  base::Result<void> check(const Url& url) const;

 private:
  bool internet_ = true;
  bool private_ = true;
  bool loopback_ = true;
  std::vector<IpNetwork> networks_;
};

}  // namespace telltale::net
