// Answers to Binding requests, the same for the lite and the full agent (RFC 8445 section 7.3):
// what is wrong with a request and how it is refused. Nothing larger than the question ever goes to
// its sender: such an answer is left out, so that a forged source gains nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "rtc/ice/credentials.hpp"
#include "rtc/stun/message.hpp"

namespace telltale::rtc::ice {

enum class Verdict : std::uint8_t {
  authentic,
  not_ours,   // the USERNAME is not for us, or there is none: 400 or 401
  unsigned_,  // no MESSAGE-INTEGRITY: 400
  forged,     // MESSAGE-INTEGRITY does not fit: 401
  unknown,    // authentic, with attributes we must know and do not: 420
};

// `remote_ufrag` may be empty: not known so far.
Verdict judge(const stun::Message& request, const Credentials& local,
              std::string_view remote_ufrag) noexcept;

// Each writes an answer into `out` and returns its size, 0 for none.
std::size_t answer_refusal(const stun::Message& request, Verdict verdict, std::string_view password,
                           MutableBytes out) noexcept;
std::size_t answer_role_conflict(const stun::Message& request, std::string_view password,
                                 MutableBytes out) noexcept;
std::size_t answer_success(const stun::Message& request, const stun::Address& from,
                           std::string_view password, MutableBytes out) noexcept;

}  // namespace telltale::rtc::ice
