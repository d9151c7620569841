#include "rtc/dtls/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <openssl/evp.h>

namespace telltale::rtc::dtls {
namespace {

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm == "sha-256") return ::EVP_sha256();
  if (algorithm == "sha-384") return ::EVP_sha384();
  if (algorithm == "sha-512") return ::EVP_sha512();
  return nullptr;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::unexpected<base::Error> unknown_hash(std::string_view algorithm) {
  return base::fail(base::Code::unsupported, "fingerprints by " + std::string(algorithm) +
                                                 " are not taken: sha-256, sha-384 or sha-512");
}

}  // namespace

base::Result<Fingerprint> Fingerprint::parse(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space > 16)
    return base::fail(base::Code::invalid_argument, "a fingerprint is a hash and its digits");
  Fingerprint parsed{.algorithm = std::string(text.substr(0, space))};
  std::ranges::transform(parsed.algorithm, parsed.algorithm.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* digest = digest_of(parsed.algorithm);
  if (digest == nullptr) return unknown_hash(parsed.algorithm);
  const auto bytes = static_cast<std::size_t>(::EVP_MD_get_size(digest));
  const auto digits = text.substr(space + 1);
  if (digits.size() != bytes * 3 - 1)
    return base::fail(base::Code::invalid_argument,
                      "a fingerprint by " + parsed.algorithm + " has another length");
  for (std::size_t at = 0; at < digits.size(); at += 3) {
    const int high = digit(digits[at]);
    const int low = digit(digits[at + 1]);
    const bool parted = at + 2 >= digits.size() || digits[at + 2] == ':';
    if (high < 0 || low < 0 || !parted)
      return base::fail(base::Code::invalid_argument,
                        "a fingerprint is pairs of hexadecimal digits with colons between");
    parsed.digest.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return parsed;
}

base::Result<Fingerprint> Fingerprint::of(const X509& certificate, std::string_view algorithm) {
  const auto* digest = digest_of(algorithm);
  if (digest == nullptr) return unknown_hash(algorithm);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (::X509_digest(&certificate, digest, bytes.data(), &size) != 1)
    return base::fail(base::Code::internal, "the certificate cannot be hashed");
  return Fingerprint{.algorithm = std::string(algorithm),
                     .digest = {bytes.begin(), bytes.begin() + size}};
}

std::string Fingerprint::to_string() const {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = algorithm;
  char before = ' ';
  for (const unsigned byte : digest) {
    text += before;
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
    before = ':';
  }
  return text;
}

bool matches(const X509& certificate, std::span<const Fingerprint> fingerprints) {
  return std::ranges::any_of(fingerprints, [&](const Fingerprint& wanted) {
    const auto has = Fingerprint::of(certificate, wanted.algorithm);
    return has && *has == wanted;
  });
}

}  // namespace telltale::rtc::dtls
