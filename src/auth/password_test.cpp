#include "auth/password.hpp"

#include <gtest/gtest.h>

namespace telltale::auth {
namespace {

// Made with glibc's crypt(): the password is "correct horse".
const std::string kBcrypt = "$2y$05$tSnsUYpHbc1EEQT4PovGxepFqGcGNJ6SaTyYRYa6jZTdNnXdRGm1e";

TEST(Password, WhatIsHashedIsVerified) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct horsf"));
  EXPECT_FALSE(is_outdated(*hash));
}

TEST(Password, BcryptIsTakenAndCountsAsOutdated) {
  EXPECT_TRUE(check_imported_hash(kBcrypt, "/password_hash"));
  EXPECT_TRUE(verify_password(kBcrypt, "correct horse"));
  EXPECT_FALSE(verify_password(kBcrypt, "correct horsf"));
  EXPECT_FALSE(verify_password(kBcrypt, ""));
  EXPECT_TRUE(is_outdated(kBcrypt));
}

TEST(Password, WhatBcryptWouldCutOffIsNotEqual) {
  EXPECT_FALSE(verify_password(kBcrypt, std::string("correct horse\0x", 15)));
  EXPECT_FALSE(verify_password(kBcrypt, std::string(100, 'a')));
}

TEST(Password, AHashThatIsNoneOrAnAttackIsRefused) {
  for (const auto* hash :
       {"", "secret", "$1$abc$def", "$2x$05$tSnsUYpHbc1EEQT4PovGxeVgWE0hnPzQLIlkJfTsW14iNIYWTnNbW",
        "$2y$31$tSnsUYpHbc1EEQT4PovGxeVgWE0hnPzQLIlkJfTsW14iNIYWTnNbW",
        "$argon2id$v=19$m=99999999,t=3,p=1$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=19$m=65536,t=9999,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$"}) {
    const auto fine = check_imported_hash(hash, "/password_hash");
    ASSERT_FALSE(fine) << hash;
    EXPECT_EQ(fine.error().code, base::Code::invalid_argument);
    EXPECT_FALSE(verify_password("", "anything"));
  }
}

TEST(Password, ANewOneIsLongEnoughAndNotCommon) {
  EXPECT_FALSE(check_new_password("short", "/password"));
  EXPECT_FALSE(check_new_password("Password123", "/password"));
  EXPECT_FALSE(check_new_password(std::string(1025, 'x'), "/password"));
  EXPECT_TRUE(check_new_password("correct horse", "/password"));
}

}  // namespace
}  // namespace telltale::auth
