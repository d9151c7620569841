// Access tokens: JWS compact serialisation (RFC 7515) with HS256 only. The algorithm comes from our
// key, never from the token; `none`, `jwk`, `jku`, `x5u` and `crit` have no meaning here and are
// refused. Wall clock, 60 s of skew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "runtime/shared_map.hpp"

namespace telltale::auth {

struct Claims {
  std::string subject;  // user id
  std::string name;
  std::string role;
  std::string family;  // refresh family: a logout ends its access tokens too
  std::int64_t epoch = 0;
  base::WallTime not_before;
  base::WallTime issued;
  base::WallTime expires;
};

base::Result<void> check_times(const Claims& claims, base::WallTime now);

class TokenKey {
 public:
  // At least 32 bytes.
  static base::Result<TokenKey> from_bytes(std::string bytes);
  std::string sign(const Claims& claims) const;
  base::Result<Claims> verify(std::string_view token, base::WallTime now) const;
  bool signed_this(std::string_view token) const;  // the signature alone

 private:
  explicit TokenKey(std::string bytes);
  std::string mac(std::string_view text) const;
  std::string bytes_;
  std::string kid_;
};

// The key that signs now, and those before it whose tokens may still live.
class TokenKeys {
 public:
  explicit TokenKeys(std::vector<TokenKey> newest_first);
  std::string sign(const Claims& claims) const;
  // A token that was good is known from then on; its times are looked at again. (By a hash of it
  // it would cost the hash, which is most of what verifying costs.)
  base::Result<std::shared_ptr<const Claims>> verify(std::string_view token,
                                                     base::WallTime now) const;

 private:
  base::Result<Claims> verify_anew(std::string_view token, base::WallTime now) const;

  std::vector<TokenKey> keys_;
  std::shared_ptr<runtime::SharedMap<const Claims>> known_;
};

}  // namespace telltale::auth
