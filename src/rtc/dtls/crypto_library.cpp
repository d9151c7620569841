#include "rtc/dtls/crypto_library.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include "base/log.hpp"
#include "rtc/dtls/openssl.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr const char* kName = "telltale-dtls";
constexpr std::array<std::string_view, 4> kKeys{"EC", "X25519", "ED25519", "RSA"};
constexpr std::string_view kRecordKey = "HMAC";  // of the old ciphers without AEAD

struct Offered {
  OSSL_PROVIDER* whole = nullptr;  // OpenSSL's default provider, which does all the work
  std::vector<OSSL_ALGORITHM> keys, decoders;
};
Offered& offered() {
  static Offered instance;
  return instance;
}

// Of "EC:id-ecPublicKey:1.2.840.10045.2.1" the first.
std::string_view name_of(const OSSL_ALGORITHM& algorithm) {
  const std::string_view names = algorithm.algorithm_names;
  return names.substr(0, names.find(':'));
}

template <class Keep>
std::vector<OSSL_ALGORITHM> some_of(int operation, Keep keep) {
  std::vector<OSSL_ALGORITHM> out;
  int uncached = 0;
  const auto* all = ::OSSL_PROVIDER_query_operation(offered().whole, operation, &uncached);
  for (; all != nullptr && all->algorithm_names != nullptr; ++all)
    if (keep(*all)) out.push_back(*all);
  out.push_back({});  // the end, to OpenSSL
  return out;
}

const OSSL_ALGORITHM* query(void* /*provider*/, int operation, int* uncached) {
  const auto& ours = offered();
  *uncached = 0;
  if (operation == OSSL_OP_KEYMGMT) return ours.keys.data();
  if (operation == OSSL_OP_DECODER) return ours.decoders.data();
  return ::OSSL_PROVIDER_query_operation(ours.whole, operation, uncached);
}

// The groups of key exchange among others.
int capabilities(void* /*provider*/, const char* capability, OSSL_CALLBACK* callback,
                 void* argument) {
  return ::OSSL_PROVIDER_get_capabilities(offered().whole, capability, callback, argument);
}

int begin(const OSSL_CORE_HANDLE* /*core*/, const OSSL_DISPATCH* /*calls*/,
          const OSSL_DISPATCH** functions, void** context) {
  using Function = void (*)();
  static const std::array<OSSL_DISPATCH, 3> kFunctions{
      {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<Function>(query)},
       {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, reinterpret_cast<Function>(capabilities)},
       {0, nullptr}}};
  *functions = kFunctions.data();
  *context = ::OSSL_PROVIDER_get0_provider_ctx(offered().whole);
  return 1;
}

OSSL_LIB_CTX* open() {
  auto& ours = offered();
  ours.whole = ::OSSL_PROVIDER_load(nullptr, "default");
  if (ours.whole == nullptr) return nullptr;
  const auto known = [](const OSSL_ALGORITHM& one) {
    return std::ranges::find(kKeys, name_of(one)) != kKeys.end();
  };
  ours.keys = some_of(OSSL_OP_KEYMGMT, [&](const OSSL_ALGORITHM& one) {
    return known(one) || name_of(one) == kRecordKey;
  });
  ours.decoders = some_of(OSSL_OP_DECODER, [&](const OSSL_ALGORITHM& one) {
    const std::string_view properties = one.property_definition;
    return known(one) && properties.contains("input=der") &&
           properties.contains("structure=SubjectPublicKeyInfo");
  });
  auto* const library = ::OSSL_LIB_CTX_new();
  if (library != nullptr && ::OSSL_PROVIDER_add_builtin(library, kName, begin) == 1 &&
      ::OSSL_PROVIDER_load(library, kName) != nullptr)
    return library;
  ::OSSL_LIB_CTX_free(library);
  return nullptr;
}

}  // namespace

OSSL_LIB_CTX* crypto_library() {
  static auto* const instance = [] {
    auto* const made = open();
    if (made == nullptr)
      base::log(base::LogLevel::warning, "webrtc",
                "no OpenSSL context of our own: handshakes cost more ({})",
                take_openssl_error("out of memory"));
    return made;
  }();
  return instance;
}

}  // namespace telltale::rtc::dtls
