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

base::Result<std::string> hash_password(const std::string& password);  // blocks: about 0.2 s
base::Result<void> check_new_password(const std::string& password, const std::string& pointer);

}  // namespace telltale::auth
