#include "auth/jwt.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/random.hpp"

namespace telltale::auth {
namespace {

constexpr std::size_t kLongest = 8192;
constexpr std::size_t kKnownLimit = 4096;
constexpr auto kSkew = std::chrono::seconds(60);
constexpr std::string_view kIssuer = "telltale";
constexpr std::string_view kAudience = "telltale";

std::unexpected<base::Error> refused(std::string_view why) {
  return base::fail(base::Code::unauthenticated, "the token is not valid: " + std::string(why));
}

base::Result<base::JsonObject> decode_part(std::string_view part) {
  auto text = base::base64url_decode(part);
  if (!text) return refused("it is not base64url");
  auto value = base::parse_json(*text, {.max_depth = 4, .max_bytes = kLongest});
  if (!value || !value->is_object()) return refused("it is not JSON");
  return std::move(value->get_object());
}

std::int64_t seconds_of(base::WallTime time) {
  return base::unix_ms(time) / 1000;
}

}  // namespace

TokenKey::TokenKey(std::string bytes)
    : bytes_(std::move(bytes)), kid_(base::sha256_hex("kid" + bytes_).substr(0, 12)) {}

base::Result<TokenKey> TokenKey::from_bytes(std::string bytes) {
  if (bytes.size() < 32)
    return base::fail(base::Code::invalid_argument,
                      "SECRET_KEY must have at least 32 bytes of random text");
  return TokenKey(std::move(bytes));
}

std::string TokenKey::mac(std::string_view text) const {
  std::array<unsigned char, 32> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), bytes_.data(), static_cast<int>(bytes_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string TokenKey::sign(const Claims& claims) const {
  const base::JsonObject header{{"alg", "HS256"}, {"typ", "JWT"}, {"kid", kid_}};
  const base::JsonObject body{{"iss", kIssuer},
                              {"aud", kAudience},
                              {"sub", claims.subject},
                              {"name", claims.name},
                              {"role", claims.role},
                              {"sid", claims.family},
                              {"epoch", claims.epoch},
                              {"iat", seconds_of(claims.issued)},
                              {"nbf", seconds_of(claims.issued)},
                              {"exp", seconds_of(claims.expires)},
                              {"jti", base::secure_token(12)}};
  auto text = base::base64url_encode(base::write_json(header)) + "." +
              base::base64url_encode(base::write_json(body));
  text += "." + base::base64url_encode(mac(text));
  return text;
}

bool TokenKey::signed_this(std::string_view token) const {
  const auto dot = token.rfind('.');
  if (dot == std::string_view::npos || token.size() > kLongest) return false;
  const auto signature = base::base64url_decode(token.substr(dot + 1));
  return signature && base::equal_constant_time(*signature, mac(token.substr(0, dot)));
}

TokenKeys::TokenKeys(std::vector<TokenKey> newest_first)
    : keys_(std::move(newest_first)),
      known_(std::make_shared<runtime::SharedMap<const Claims>>()) {}

std::string TokenKeys::sign(const Claims& claims) const {
  return keys_.front().sign(claims);
}

base::Result<std::shared_ptr<const Claims>> TokenKeys::verify(std::string_view token,
                                                              base::WallTime now) const {
  if (token.size() > kLongest) return refused("it is too long");
  const std::string key(token);
  if (auto known = known_->find(key)) {
    if (auto fine = check_times(*known, now); !fine) return std::unexpected(fine.error());
    return known;
  }
  auto verified = verify_anew(token, now);
  if (!verified) return std::unexpected(verified.error());
  auto claims = std::make_shared<const Claims>(std::move(*verified));
  if (known_->size() >= kKnownLimit)
    known_->clear_if([](const Claims&) { return true; });  // those in use are soon back
  known_->put(key, claims);
  return claims;
}

base::Result<Claims> TokenKeys::verify_anew(std::string_view token, base::WallTime now) const {
  for (std::size_t i = 1; i < keys_.size(); ++i)
    if (keys_[i].signed_this(token)) return keys_[i].verify(token, now);
  return keys_.front().verify(token, now);
}

base::Result<Claims> TokenKey::verify(std::string_view token, base::WallTime now) const {
  if (token.size() > kLongest) return refused("it is too long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return refused("it has not three parts");
  const auto signature = base::base64url_decode(token.substr(second + 1));
  if (!signature || !base::equal_constant_time(*signature, mac(token.substr(0, second))))
    return refused("the signature is wrong");

  auto header = decode_part(token.substr(0, first));
  if (!header) return std::unexpected(header.error());
  if (base::string_or(*header, "alg") != "HS256" || base::string_or(*header, "typ") != "JWT" ||
      base::string_or(*header, "kid") != kid_ || header->size() != 3)
    return refused("its header is not ours");
  auto body = decode_part(token.substr(first + 1, second - first - 1));
  if (!body) return std::unexpected(body.error());
  const auto expires = base::find_integer(*body, "exp");
  const auto not_before = base::find_integer(*body, "nbf");
  const auto issued = base::find_integer(*body, "iat");
  if (base::string_or(*body, "iss") != kIssuer || base::string_or(*body, "aud") != kAudience ||
      !expires || !not_before || !issued)
    return refused("it is for another service");
  Claims out{.subject = base::string_or(*body, "sub"),
             .name = base::string_or(*body, "name"),
             .role = base::string_or(*body, "role"),
             .family = base::string_or(*body, "sid"),
             .epoch = base::find_integer(*body, "epoch").value_or(0),
             .not_before = base::from_unix_ms(*not_before * 1000),
             .issued = base::from_unix_ms(*issued * 1000),
             .expires = base::from_unix_ms(*expires * 1000)};
  if (auto fine = check_times(out, now); !fine) return std::unexpected(fine.error());
  return out;
}

base::Result<void> check_times(const Claims& claims, base::WallTime now) {
  const auto now_s = seconds_of(now);
  if (now_s > seconds_of(claims.expires) + kSkew.count()) return refused("it has expired");
  if (now_s + kSkew.count() < seconds_of(claims.not_before) ||
      now_s + kSkew.count() < seconds_of(claims.issued))
    return refused("it is not valid yet");
  return {};
}

}  // namespace telltale::auth
