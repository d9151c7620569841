// Passwords: argon2id through libsodium (64 MiB, 3 passes), hashed on the blocking pool, two at a
// time at most so that logins cannot eat the memory. The rules a new password has to meet.
#pragma once

#include <atomic>
#include <string>

#include "base/error.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/task.hpp"

namespace telltale::auth {

class PasswordHasher {
 public:
  explicit PasswordHasher(runtime::BlockingPool& blocking);
  runtime::TaskResult<std::string> hash(std::string password);
  // An empty hash costs the same time as a real one and is never right: it does not tell whether a
  // user exists.
  runtime::TaskResult<bool> verify(std::string hash, std::string password);

 private:
  runtime::BlockingPool& blocking_;
  std::atomic<int> busy_{0};
};

base::Result<std::string> hash_password(const std::string& password);        // blocks: about 0.2 s
bool verify_password(const std::string& hash, const std::string& password);  // blocks
// A hash of another program that is taken: argon2id, or bcrypt ($2a$, $2b$, $2y$) with a cost up to
// 14. A login with an old one is the moment to make it new.
base::Result<void> check_imported_hash(const std::string& hash, const std::string& pointer);
bool is_outdated(const std::string& hash);
base::Result<void> check_new_password(const std::string& password, const std::string& pointer);

}  // namespace telltale::auth
