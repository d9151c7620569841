// The fingerprint of a certificate as SDP writes it: `sha-256 AB:CD:…` (RFC 8122 section 5). The
// hash functions we take are sha-256, sha-384 and sha-512; sha-1 and md5 identify nobody any more.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/x509.h>

#include "base/error.hpp"

namespace telltale::rtc::dtls {

struct Fingerprint {
  std::string algorithm = {};             // lower case: "sha-256"
  std::vector<std::uint8_t> digest = {};  // as many bytes as the algorithm gives

  // The value of `a=fingerprint:`. Code::unsupported for a hash we do not take.
  static base::Result<Fingerprint> parse(std::string_view text);
  // Code::unsupported for a hash we do not take.
  static base::Result<Fingerprint> of(const X509& certificate, std::string_view algorithm);
  // Upper-case pairs of hexadecimal digits, parted by colons, after the algorithm.
  std::string to_string() const;
  bool operator==(const Fingerprint&) const = default;
};

// Whether the certificate has one of them (RFC 8122 section 5: a certificate may be described by
// several, one per hash).
bool matches(const X509& certificate, std::span<const Fingerprint> fingerprints);

}  // namespace telltale::rtc::dtls
