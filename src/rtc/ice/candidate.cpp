#include "rtc/ice/candidate.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace telltale::rtc::ice {
namespace {

constexpr std::array<std::pair<std::string_view, CandidateType>, 4> kTypes = {{
    {"host", CandidateType::host},
    {"srflx", CandidateType::server_reflexive},
    {"prflx", CandidateType::peer_reflexive},
    {"relay", CandidateType::relayed},
}};
constexpr std::array<std::pair<std::string_view, TcpType>, 3> kTcpTypes = {{
    {"active", TcpType::active},
    {"passive", TcpType::passive},
    {"so", TcpType::simultaneous},
}};
constexpr std::size_t kMaxLine = 1024;

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [name, of] : table)
    if (of == value) return name;
  return {};
}

std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return text = {};
  const auto end = text.find(' ', begin);
  const auto word = text.substr(begin, end - begin);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  return word;
}

template <class Number>
bool number(std::string_view text, Number& out) {
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  return !text.empty() && error == std::errc() && at == end;
}

bool is_ice_text(std::string_view text, std::size_t limit) {
  if (text.empty() || text.size() > limit) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
          c == '/'))
      return false;
  return true;
}

bool is_host_text(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (const char c : text)
    if (c <= ' ' || c > '~') return false;
  return true;
}

bool same_word(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool extension(std::string_view name, std::string_view value, Candidate& out) {
  if (name == "raddr") {
    out.related_host = value;
    return is_host_text(value);
  }
  if (name == "rport") return number(value, out.related_port);
  if (name == "tcptype") {
    for (const auto& [text, type] : kTcpTypes)
      if (text == value) out.tcp_type = type;
    return out.tcp_type != TcpType::none;
  }
  if (name == "ufrag") {
    out.ufrag = value;
    return is_ice_text(value, 256);
  }
  return true;
}

std::unexpected<base::Error> bad(std::string_view what) {
  return base::fail(base::Code::invalid_argument,
                    fmt::format("an ICE candidate with a bad {}", what));
}

}  // namespace

std::string Candidate::text() const {
  auto out = fmt::format("candidate:{} {} {} {} {} {} typ {}", foundation, component,
                         transport == Transport::udp ? "udp" : "tcp", priority, host, port,
                         name_in(kTypes, type));
  if (!related_host.empty()) out += fmt::format(" raddr {} rport {}", related_host, related_port);
  if (tcp_type != TcpType::none) out += fmt::format(" tcptype {}", name_in(kTcpTypes, tcp_type));
  if (!ufrag.empty()) out += fmt::format(" ufrag {}", ufrag);
  return out;
}

base::Result<Candidate> Candidate::parse(std::string_view text) {
  if (text.size() > kMaxLine) return bad("length");
  if (text.starts_with("a=")) text.remove_prefix(2);
  if (text.starts_with("candidate:")) text.remove_prefix(10);
  Candidate out;
  out.foundation = next_word(text);
  if (!is_ice_text(out.foundation, 32)) return bad("foundation");
  if (!number(next_word(text), out.component) || out.component < 1 || out.component > 256)
    return bad("component");
  const auto transport = next_word(text);
  if (!same_word(transport, "udp") && !same_word(transport, "tcp")) return bad("transport");
  out.transport = same_word(transport, "udp") ? Transport::udp : Transport::tcp;
  if (!number(next_word(text), out.priority)) return bad("priority");
  out.host = next_word(text);
  if (!is_host_text(out.host)) return bad("address");
  if (!number(next_word(text), out.port)) return bad("port");
  if (next_word(text) != "typ") return bad("type");
  const auto type = next_word(text);
  bool found = false;
  for (const auto& [name, of] : kTypes)
    if (name == type) {
      out.type = of;
      found = true;
    }
  if (!found) return bad("type");
  while (true) {
    const auto name = next_word(text);
    if (name.empty()) break;
    const auto value = next_word(text);
    if (value.empty() || !extension(name, value, out)) return bad("extension");
  }
  if (out.transport == Transport::tcp && out.tcp_type == TcpType::none) return bad("tcptype");
  return out;
}

Candidate host_candidate(const stun::Address& address, std::uint16_t local_preference,
                         TcpType tcp) {
  // One foundation for each kind and base address (RFC 8445 section 5.1.1.3).
  std::uint32_t hash = tcp == TcpType::none ? 2166136261U : 2166136262U;
  for (const auto byte : address.ip_bytes()) hash = (hash ^ byte) * 16777619U;
  return {.foundation = std::to_string(hash),
          .transport = tcp == TcpType::none ? Transport::udp : Transport::tcp,
          .priority = priority_of(CandidateType::host, local_preference),
          .host = address.ip_text(),
          .port = address.port,
          .tcp_type = tcp};
}

}  // namespace telltale::rtc::ice
