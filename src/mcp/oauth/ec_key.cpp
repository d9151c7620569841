#include "mcp/oauth/ec_key.hpp"

#include <array>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/encoding.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr int kCoordinate = 32;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

std::unexpected<base::Error> failed(std::string_view what) {
  return base::fail(base::Code::internal, "oauth: " + std::string(what));
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

std::string fixed_width(const BIGNUM* number) {
  std::array<unsigned char, kCoordinate> out{};
  BN_bn2binpad(number, out.data(), kCoordinate);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const Number number(raw);
  return base::base64url_encode(fixed_width(number.get()));
}

}  // namespace

base::Result<EcKey> EcKey::generate() {
  EVP_PKEY* const made = EVP_EC_gen("P-256");
  if (made == nullptr) return failed("no key could be made");
  return EcKey(std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free));
}

base::Result<EcKey> EcKey::from_pem(const base::Secret& pem) {
  const std::unique_ptr<BIO, Deleter<BIO_free>> memory(
      BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())));
  // Without a passphrase to ask for: OpenSSL would ask the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* const read =
      memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr) : nullptr;
  if (read == nullptr)
    return base::fail(base::Code::invalid_argument, "oauth: the private key is no readable PEM");
  std::shared_ptr<EVP_PKEY> key(read, EVP_PKEY_free);
  if (!is_p256(read))
    return base::fail(base::Code::invalid_argument,
                      "oauth: the private key is not for ES256 (an elliptic curve key, P-256)");
  return EcKey(std::move(key));
}

base::Secret EcKey::to_pem() const {
  const std::unique_ptr<BIO, Deleter<BIO_free>> memory(BIO_new(BIO_s_secmem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0,
                                               nullptr, nullptr) != 1)
    return {};
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return base::Secret(std::string(text, static_cast<std::size_t>(size)));
}

base::JsonObject EcKey::public_jwk() const {
  return {{"crv", "P-256"},
          {"kty", "EC"},
          {"x", coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X)},
          {"y", coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)}};
}

std::string EcKey::thumbprint() const {
  // The members of public_jwk are the required ones, in the order of section 3.
  const auto digest = base::sha256(base::write_json(public_jwk()));
  return base::base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

base::Result<std::string> EcKey::sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return failed("a signature failed");
  std::vector<unsigned char> der(size);
  if (EVP_DigestSign(context.get(), der.data(), &size, bytes, text.size()) != 1)
    return failed("a signature failed");
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  if (!signature) return failed("a signature failed");
  return fixed_width(ECDSA_SIG_get0_r(signature.get())) +
         fixed_width(ECDSA_SIG_get0_s(signature.get()));
}

base::Result<std::string> EcKey::sign_jwt(base::JsonObject header,
                                          const base::JsonObject& claims) const {
  header["alg"] = "ES256";
  auto out = base::base64url_encode(base::write_json(header)) + "." +
             base::base64url_encode(base::write_json(claims));
  auto signature = sign(out);
  if (!signature) return signature;
  return out + "." + base::base64url_encode(*signature);
}

}  // namespace telltale::mcp::oauth
