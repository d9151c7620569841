#include "net/outbound_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.hpp"

namespace telltale::net {
namespace {

struct Block {
  IpNetwork network;
  Reach reach;
};

// The first that fits counts. What is in no block is the internet (v4) or reserved (v6 outside
// 2000::/3).
const std::vector<Block>& blocks() {
  static const std::vector<Block> kBlocks = [] {
    using enum Reach;
    struct Row {
      std::string_view text;
      Reach reach;
    };
    constexpr std::array kRows{
        Row{"169.254.169.254", metadata},  // AWS, Azure, GCP, …
        Row{"169.254.170.2", metadata},    // AWS ECS credentials
        Row{"100.100.100.200", metadata},  // Alibaba
        Row{"168.63.129.16", metadata},    // Azure's wire server
        Row{"192.0.0.192", metadata},      // Oracle
        Row{"0.0.0.0/8", reserved},
        Row{"10.0.0.0/8", private_network},
        Row{"100.64.0.0/10", private_network},  // carriers, Tailscale
        Row{"127.0.0.0/8", loopback},
        Row{"169.254.0.0/16", link_local},
        Row{"172.16.0.0/12", private_network},
        Row{"192.0.0.0/24", reserved},
        Row{"192.0.2.0/24", reserved},  // documentation
        Row{"192.88.99.0/24", reserved},
        Row{"192.168.0.0/16", private_network},
        Row{"198.18.0.0/15", private_network},  // benchmarks
        Row{"198.51.100.0/24", reserved},
        Row{"203.0.113.0/24", reserved},
        Row{"224.0.0.0/4", reserved},  // multicast
        Row{"240.0.0.0/4", reserved},  // and broadcast
        Row{"fd00:ec2::254", metadata},
        Row{"fd20:ce::254", metadata},
        Row{"::1", loopback},
        Row{"fc00::/7", private_network},
        Row{"fe80::/10", link_local},
        Row{"2001::/23", reserved},  // Teredo, ORCHID, benchmarks, …
        Row{"2001:db8::/32", reserved},
        Row{"2002::/16", reserved},  // 6to4
        Row{"3fff::/20", reserved},
        Row{"2000::/3", internet},
        Row{"::/0", reserved},
    };
    std::vector<Block> out;
    for (const auto& row : kRows) {
      const auto network = IpNetwork::parse(row.text);
      CHECK(network.has_value());
      out.push_back({*network, row.reach});
    }
    return out;
  }();
  return kBlocks;
}

const IpNetwork& network(std::string_view text) {
  static const IpNetwork kMapped = *IpNetwork::parse("::ffff:0:0/96");
  static const IpNetwork kTranslated = *IpNetwork::parse("64:ff9b::/96");
  return text == "mapped" ? kMapped : kTranslated;
}

IpAddress last_four_bytes(const IpAddress& address) {
  const auto bytes = address.to_v6().to_bytes();
  return boost::asio::ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

// Ports where something answers that is not HTTP and that a request can be made to hurt: the Fetch
// standard's bad ports ("port blocking") and the usual stores.
bool is_foreign_port(unsigned port) {
  static constexpr std::array<unsigned, 88> kPorts{
      0,    7,    11,   13,   15,   17,   19,   20,   21,   22,   23,    25,    37,   42,   43,
      53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,   110,   111,  113,  115,
      117,  119,  123,  135,  137,  139,  143,  161,  179,  389,  427,   465,   512,  513,  514,
      515,  526,  530,  531,  532,  540,  548,  554,  556,  563,  587,   601,   636,  989,  990,
      993,  995,  1719, 1720, 1723, 2049, 2375, 2379, 3306, 3659, 4045,  4190,  5060, 5061, 5432,
      6000, 6379, 6380, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080, 11211, 27017};
  return std::ranges::binary_search(kPorts, port);
}

std::string_view name_of(Reach reach) {
  switch (reach) {
    case Reach::internet:
      return "an address of the internet";
    case Reach::private_network:
      return "an address of a private network";
    case Reach::loopback:
      return "a loopback address";
    case Reach::link_local:
      return "a link-local address";
    case Reach::metadata:
      return "the address of a cloud's metadata service";
    case Reach::reserved:
      break;
  }
  return "a reserved address";
}

}  // namespace

Reach reach_of(const IpAddress& address) {
  if (address.is_v6()) {
    // A socket connects to the v4 address inside.
    if (network("mapped").contains(address)) return reach_of(last_four_bytes(address));
    // A NAT64 gateway does; what it would reach from where it stands is nobody's business.
    if (network("nat64").contains(address)) {
      const auto inside = reach_of(last_four_bytes(address));
      return inside == Reach::internet || inside == Reach::metadata ? inside : Reach::reserved;
    }
  }
  for (const auto& block : blocks())
    if (block.network.contains(address)) return block.reach;
  return Reach::internet;
}

OutboundPolicy OutboundPolicy::internet_only() {
  OutboundPolicy out;
  out.private_ = out.loopback_ = false;
  return out;
}

base::Result<OutboundPolicy> OutboundPolicy::parse(std::span<const std::string> words) {
  OutboundPolicy out;
  out.internet_ = out.private_ = out.loopback_ = false;
  for (const auto& word : words) {
    if (word == "internet") {
      out.internet_ = true;
    } else if (word == "private") {
      out.private_ = true;
    } else if (word == "loopback") {
      out.loopback_ = true;
    } else if (word != "none") {
      auto block = IpNetwork::parse(word);
      if (!block)
        return base::fail(base::Code::invalid_argument,
                          block.error().detail + ", nor internet, private, loopback or none");
      out.networks_.push_back(*block);
    }
  }
  return out;
}

OutboundPolicy OutboundPolicy::named_by(const IpAddress& peer) const {
  auto out = *this;
  const auto reach = reach_of(peer);
  if (reach == Reach::loopback) return out;
  out.loopback_ = false;
  if (reach == Reach::private_network) return out;
  out.private_ = false;
  out.networks_.clear();
  return out;
}

base::Result<void> OutboundPolicy::check(const IpAddress& address) const {
  const auto reach = reach_of(address);
  const bool never =
      reach == Reach::link_local || reach == Reach::metadata || reach == Reach::reserved;
  const bool allowed =
      (reach == Reach::internet && internet_) || (reach == Reach::private_network && private_) ||
      (reach == Reach::loopback && loopback_) ||
      std::ranges::any_of(networks_,
                          [&](const IpNetwork& block) { return block.contains(address); });
  if (!never && allowed) return {};
  return base::fail(
      base::Code::permission_denied,
      address.to_string() + " is " + std::string(name_of(reach)) +
          (never ? ": Telltale never connects there" : ", which --outbound-allow does not name"));
}

base::Result<void> OutboundPolicy::check(const Url& url) const {
  unsigned port = 0;
  std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
  if (is_foreign_port(port))
    return base::fail(base::Code::permission_denied,
                      "port " + url.port + " belongs to another protocol than HTTP");
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(url.host, no_address);
  if (no_address) return {};
  return check(address);
}

}  // namespace telltale::net
