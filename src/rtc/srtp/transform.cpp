#include "rtc/srtp/transform.hpp"

#include <openssl/crypto.h>

namespace telltale::rtc::srtp {
namespace {

constexpr std::size_t kRtcpHeader = 8;  // stays in clear
constexpr std::uint32_t kEncryptedFlag = 0x8000'0000;

std::array<std::uint8_t, 4> roc_of(std::uint64_t index) noexcept {
  std::array<std::uint8_t, 4> bytes = {};
  store_u32(bytes, 0, static_cast<std::uint32_t>(index >> 16U));
  return bytes;
}

bool same(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Transform::Transform(Profile profile, const SessionKey& key, Cipher cipher) noexcept
    : profile_(profile), salt_(key.salt), cipher_(std::move(cipher)), mac_(key.auth) {}

base::Result<Transform> Transform::open(Profile profile, const SessionKey& key,
                                        Direction direction) {
  auto cipher = Cipher::open(profile, key, direction);
  if (!cipher) return std::unexpected(cipher.error());
  return Transform(profile, key, std::move(*cipher));
}

// RFC 7714 sections 8.1 and 9.1: 16 bits of zero, SSRC, 48 bits of index, XOR the salt of 12 bytes.
// RFC 3711 section 4.1.1: SSRC at byte 4, 48 bits of index at byte 8, XOR the salt of 14 bytes.
Transform::Iv Transform::iv_of(std::uint32_t ssrc, std::uint64_t index) const noexcept {
  Iv iv = {};
  const std::size_t ssrc_at = is_aead(profile_) ? 2 : 4;
  store_u32(iv, ssrc_at, ssrc);
  store_be<6>(iv, ssrc_at + 4, index);
  for (std::size_t i = 0; i < salt_size(profile_); ++i) iv[i] ^= salt_[i];
  return iv;
}

Outcome<std::size_t> Transform::seal_rtp(MutableBytes out, std::size_t header, std::size_t prefix,
                                         Bytes payload, std::uint64_t index) noexcept {
  const auto size = header + prefix + payload.size();
  const auto tag = tag_size(profile_);
  if (header < 12) return std::unexpected(Fault::malformed);
  if (out.size() < size + tag) return std::unexpected(Fault::no_room);
  const auto head = out.first(header);
  const auto first = out.subspan(header, prefix);
  const auto rest = out.subspan(header + prefix);
  bool good = cipher_.begin(iv_of(load_u32(out, 8), index));
  if (is_aead(profile_)) good = good && cipher_.aad(head);
  good = good && cipher_.update(first, first.data()) && cipher_.update(payload, rest.data());
  if (is_aead(profile_)) {
    good = good && cipher_.write_tag(out.subspan(size, tag));
  } else {
    const auto mac = mac_.tag(out.first(size), roc_of(index));
    std::copy(mac.begin(), mac.end(), out.subspan(size).begin());
  }
  if (!good) return std::unexpected(Fault::cipher);
  return size + tag;
}

Outcome<std::size_t> Transform::open_rtp(MutableBytes packet, std::size_t header,
                                         std::uint64_t index) noexcept {
  const auto tag = tag_size(profile_);
  if (header < 12 || packet.size() < header + tag) return std::unexpected(Fault::malformed);
  const auto size = packet.size() - tag;
  const auto payload = packet.subspan(header, size - header);
  if (!is_aead(profile_) &&
      !same(mac_.tag(packet.first(size), roc_of(index)), packet.subspan(size)))
    return std::unexpected(Fault::not_authentic);
  bool good = cipher_.begin(iv_of(load_u32(packet, 8), index));
  if (is_aead(profile_)) good = good && cipher_.aad(packet.first(header));
  good = good && cipher_.update(payload, payload.data());
  if (!good) return std::unexpected(Fault::cipher);
  if (is_aead(profile_) && !cipher_.check_tag(packet.subspan(size)))
    return std::unexpected(Fault::not_authentic);
  return size;
}

Outcome<std::size_t> Transform::seal_rtcp(MutableBytes out, std::size_t size, std::uint32_t index,
                                          bool encrypts) noexcept {
  if (size < kRtcpHeader || size > out.size()) return std::unexpected(Fault::malformed);
  if (out.size() < size + rtcp_growth()) return std::unexpected(Fault::no_room);
  const auto tag = tag_size(profile_);
  const auto body = out.subspan(kRtcpHeader, size - kRtcpHeader);
  std::array<std::uint8_t, 4> word = {};
  store_u32(word, 0, index | (encrypts ? kEncryptedFlag : 0));
  bool good = cipher_.begin(iv_of(load_u32(out, 4), index));
  if (is_aead(profile_)) {
    // RFC 7714 section 9.2 and 9.3: the tag comes before the word, which is the end of the AAD.
    good = good && cipher_.aad(encrypts ? out.first(kRtcpHeader) : out.first(size)) &&
           cipher_.aad(word);
    if (encrypts) good = good && cipher_.update(body, body.data());
    good = good && cipher_.write_tag(out.subspan(size, tag));
    std::copy(word.begin(), word.end(), out.subspan(size + tag).begin());
  } else {
    if (encrypts) good = good && cipher_.update(body, body.data());
    std::copy(word.begin(), word.end(), out.subspan(size).begin());
    const auto mac = mac_.tag(out.first(size), word);
    std::copy(mac.begin(), mac.end(), out.subspan(size + kIndexWordSize).begin());
  }
  if (!good) return std::unexpected(Fault::cipher);
  return size + rtcp_growth();
}

Outcome<std::size_t> Transform::open_rtcp(MutableBytes packet) noexcept {
  if (packet.size() < kRtcpHeader + rtcp_growth()) return std::unexpected(Fault::malformed);
  const auto word_at = packet.size() - (is_aead(profile_) ? kIndexWordSize : rtcp_growth());
  std::array<std::uint8_t, 4> word = {};
  std::copy_n(packet.subspan(word_at).begin(), word.size(), word.begin());
  const bool encrypted = (word[0] & 0x80U) != 0;
  return is_aead(profile_) ? open_rtcp_aead(packet, word, encrypted)
                           : open_rtcp_cm(packet, encrypted);
}

Outcome<std::size_t> Transform::open_rtcp_aead(MutableBytes packet, Bytes word,
                                               bool encrypted) noexcept {
  const auto size = packet.size() - rtcp_growth();
  const auto body = packet.subspan(kRtcpHeader, size - kRtcpHeader);
  const auto index = load_u32(word, 0) & ~kEncryptedFlag;
  const bool good = cipher_.begin(iv_of(load_u32(packet, 4), index)) &&
                    cipher_.aad(encrypted ? packet.first(kRtcpHeader) : packet.first(size)) &&
                    cipher_.aad(word) && (!encrypted || cipher_.update(body, body.data()));
  if (!good) return std::unexpected(Fault::cipher);
  if (!cipher_.check_tag(packet.subspan(size, tag_size(profile_))))
    return std::unexpected(Fault::not_authentic);
  return size;
}

Outcome<std::size_t> Transform::open_rtcp_cm(MutableBytes packet, bool encrypted) noexcept {
  const auto size = packet.size() - rtcp_growth();
  const auto body = packet.subspan(kRtcpHeader, size - kRtcpHeader);
  const auto word = packet.subspan(size, kIndexWordSize);
  if (!same(mac_.tag(packet.first(size), word), packet.subspan(size + kIndexWordSize)))
    return std::unexpected(Fault::not_authentic);
  const auto index = load_u32(word, 0) & ~kEncryptedFlag;
  if (encrypted &&
      !(cipher_.begin(iv_of(load_u32(packet, 4), index)) && cipher_.update(body, body.data())))
    return std::unexpected(Fault::cipher);
  return size;
}

}  // namespace telltale::rtc::srtp
