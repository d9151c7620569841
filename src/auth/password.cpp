#include "auth/password.hpp"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/check.hpp"

namespace telltale::auth {
namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemory = 64U << 20U;
constexpr int kAtOnce = 2;
constexpr std::size_t kLongest = 1024;

constexpr std::array<std::string_view, 12> kCommon{
    "password",   "password12",    "password123", "1234567890", "12345678910", "qwertyuiop",
    "letmein123", "administrator", "telltale123", "changeme12", "iloveyou12",  "welcome123"};

void ready() {
  static const int kReady = sodium_init();
  CHECK(kReady >= 0);
}

}  // namespace

base::Result<std::string> hash_password(const std::string& password) {
  ready();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return base::fail(base::Code::unavailable, "not enough memory to hash a password");
  return std::string(out.data());
}

base::Result<void> check_new_password(const std::string& password, const std::string& pointer) {
  if (password.size() < 10) return base::bad_field(pointer, "must have at least 10 characters");
  if (password.size() > kLongest)
    return base::bad_field(pointer, "must have at most 1024 characters");
  std::string lower = password;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (std::ranges::find(kCommon, lower) != kCommon.end())
    return base::bad_field(pointer, "is among the most common passwords");
  return {};
}

PasswordHasher::PasswordHasher(runtime::BlockingPool& blocking) : blocking_(blocking) {
  ready();
}

runtime::TaskResult<std::string> PasswordHasher::hash(std::string password) {
  co_return co_await blocking_.run(
      [password = std::move(password)] { return hash_password(password); });
}

runtime::TaskResult<bool> PasswordHasher::verify(std::string hash, std::string password) {
  if (password.size() > kLongest) co_return false;
  if (busy_.fetch_add(1) >= kAtOnce) {
    busy_.fetch_sub(1);
    co_return std::unexpected(base::Error{.code = base::Code::rate_limited,
                                          .detail = "too many logins at once; try again",
                                          .retry_after = std::chrono::seconds(1)});
  }
  const bool right =
      co_await blocking_.run([hash = std::move(hash), password = std::move(password)] {
        if (hash.empty()) return hash_password(password).has_value() && false;
        return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
      });
  busy_.fetch_sub(1);
  co_return right;
}

}  // namespace telltale::auth
