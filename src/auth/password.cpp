#include "auth/password.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <crypt.h>
#include <sodium.h>

#include "base/check.hpp"
#include "base/encoding.hpp"

namespace telltale::auth {
namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemory = 64U << 20U;
constexpr int kAtOnce = 2;
constexpr std::size_t kLongest = 1024;
constexpr std::size_t kBcryptLongest = 72;
constexpr int kBcryptMostCost = 14;
constexpr long kMostMemoryKib = 256L << 10U;
constexpr long kMostPasses = 10;

constexpr std::array<std::string_view, 12> kCommon{
    "password",   "password12",    "password123", "1234567890", "12345678910", "qwertyuiop",
    "letmein123", "administrator", "telltale123", "changeme12", "iloveyou12",  "welcome123"};

void ready() {
  static const int kReady = sodium_init();
  CHECK(kReady >= 0);
}

long figure_after(const std::string& hash, std::string_view key) {
  const auto at = hash.find(key);
  long out = 0;
  if (at == std::string::npos) return out;
  const auto* const begin = hash.data() + at + key.size();
  std::from_chars(begin, hash.data() + hash.size(), out);
  return out;
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

namespace {

bool is_bcrypt(const std::string& hash) {
  return hash.size() == 60 &&
         (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

}  // namespace

bool verify_password(const std::string& hash, const std::string& password) {
  if (!is_bcrypt(hash))
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  // bcrypt knows no NUL and no more than 72 bytes; what it would cut off must not pass for equal.
  if (password.size() > kBcryptLongest || password.find('\0') != std::string::npos) return false;
  auto work = std::make_unique<crypt_data>();  // 32 KiB: not for a stack
  const char* const made = crypt_r(password.c_str(), hash.c_str(), work.get());
  return made != nullptr && base::equal_constant_time(made, hash);
}

base::Result<void> check_imported_hash(const std::string& hash, const std::string& pointer) {
  if (hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES) {
    // Its own figures say what each login costs: they must not be an attack.
    const auto memory = figure_after(hash, "m=");
    const auto passes = figure_after(hash, "t=");
    if (memory > 0 && memory <= kMostMemoryKib && passes > 0 && passes <= kMostPasses) return {};
    return base::bad_field(pointer, "needs more than 256 MiB or 10 passes, or is not readable");
  }
  if (!is_bcrypt(hash))
    return base::bad_field(pointer, "must be an argon2id or a bcrypt hash ($2a$, $2b$, $2y$)");
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  if (cost < 4 || cost > kBcryptMostCost)
    return base::bad_field(pointer, "has a bcrypt cost outside 4 to 14");
  return {};
}

bool is_outdated(const std::string& hash) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), kPasses, kMemory) != 0;
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
        return verify_password(hash, password);
      });
  busy_.fetch_sub(1);
  co_return right;
}

}  // namespace telltale::auth
