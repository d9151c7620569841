#include "audit/verify.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/encoding.hpp"

namespace telltale::audit {
namespace {

using Digest = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;
using PublicKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

struct Known {
  std::string hash;
  std::string where;
};

// What is claimed about the chain by signed heads: sequence number to hash.
struct Claims {
  std::map<std::int64_t, Known> heads;
  std::optional<Verdict> broken;
};

Verdict broken(std::int64_t at, std::string detail) {
  return {.broken_at = at, .detail = std::move(detail)};
}

base::Result<PublicKey> read_public_key(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (!file) return base::fail(base::Code::not_found, "cannot read the public key " + path);
  PublicKey key(PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key) return base::fail(base::Code::invalid_argument, path + " is no public key");
  return key;
}

bool signature_holds(EVP_PKEY* key, std::string_view kind, std::int64_t seq, std::string_view hash,
                     std::string_view time, std::string_view signature) {
  const auto bytes = base::base64_decode(signature);
  if (!bytes) return false;
  std::string message = "telltale-audit-";
  message.append(kind).append("-1\n").append(std::to_string(seq)).append("\n");
  message.append(hash).append("\n").append(time).append("\n");
  const Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(bytes->data()),
                          bytes->size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

void claims_of_file(Claims& out, const std::string& path, EVP_PKEY* key) {
  std::ifstream file(path);
  if (!file) {
    out.broken = broken(1, "the second file of heads, " + path + ", is missing");
    return;
  }
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    const auto parsed = base::parse_json(line);
    if (!parsed || !parsed->is_object()) continue;  // a line that a crash tore; the next is whole
    const auto& object = parsed->get_object();
    const auto kind = base::string_or(object, "kind");
    const auto seq = base::find_integer(object, "seq").value_or(-1);
    const auto hash = base::string_or(object, "hash");
    if (!signature_holds(key, kind, seq, hash, base::string_or(object, "time"),
                         base::string_or(object, "signature"))) {
      out.broken =
          broken(std::max<std::int64_t>(seq, 1), "line " + std::to_string(number) + " of " + path +
                                                     " is not signed by this server's key");
      return;
    }
    // A backup was put back: what was claimed beyond it holds no more.
    if (kind == "restore") out.heads.erase(out.heads.upper_bound(seq), out.heads.end());
    out.heads[seq] = {hash, "the head of " + base::string_or(object, "time")};
  }
}

struct Stored {
  std::int64_t seq = 0;
  std::string hash, time, signature;
};

base::Result<std::vector<Stored>> read_table(store::Connection& db) {
  std::vector<Stored> out;
  auto read = db.query(
      "SELECT seq, hash, time, signature FROM audit_heads ORDER BY seq", {},
      [&](const store::Row& row) {
        out.push_back({row.integer(0), row.text(1),
                       base::format_rfc3339(base::from_unix_ms(row.integer(2))), row.text(3)});
      });
  if (!read) return std::unexpected(read.error());
  return out;
}

// Every stored head must be in the file, which is written first.
void compare_table(Claims& out, const std::vector<Stored>& table, EVP_PKEY* key) {
  for (const auto& head : table) {
    if (out.broken) return;
    const auto claimed = out.heads.find(head.seq);
    const auto at = std::max<std::int64_t>(head.seq, 1);
    const auto name = "entry " + std::to_string(head.seq);
    if (!signature_holds(key, "head", head.seq, head.hash, head.time, head.signature))
      out.broken = broken(at, "the stored head of " + name + " is not signed by this server's key");
    else if (claimed == out.heads.end())
      out.broken =
          broken(at, "the second file lacks the head of " + name + ": it was cut or replaced");
    else if (claimed->second.hash != head.hash)
      out.broken = broken(at, "two different heads are signed for " + name);
  }
}

// The canonical row, made from what the columns hold (docs/audit.md).
std::string hash_of_row(const store::Row& row, std::string_view previous) {
  const Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  const auto netstring = [&](std::string_view field) {
    const auto size = std::to_string(field.size()) + ":";
    EVP_DigestUpdate(context.get(), size.data(), size.size());
    EVP_DigestUpdate(context.get(), field.data(), field.size());
    EVP_DigestUpdate(context.get(), ",", 1);
  };
  netstring("telltale-audit-1");
  netstring(previous);
  for (int column = 0; column <= 10; ++column) netstring(row.text(column));
  unsigned char digest[32];
  unsigned size = sizeof(digest);
  EVP_DigestFinal_ex(context.get(), digest, &size);
  return base::hex_encode({reinterpret_cast<const char*>(digest), size});
}

std::string range(std::int64_t from, std::int64_t to) {
  return from == to ? "entry " + std::to_string(from)
                    : "entries " + std::to_string(from) + " to " + std::to_string(to);
}

base::Result<Verdict> walk(store::Connection& db, const Claims& claims) {
  Verdict out;
  std::string previous(64, '0');
  std::string last_hash;
  std::int64_t last_good = 0;  // the last entry that a signed head vouches for
  auto fail_at = [&](std::int64_t at, std::string detail) {
    if (out.broken_at) return;
    out.broken_at = at;
    out.detail = std::move(detail);
  };
  auto read = db.query(
      "SELECT seq, time, steady_ms, actor, address, action, subject, arguments, outcome, detail, "
      "operation_id, hash FROM audit ORDER BY seq",
      {}, [&](const store::Row& row) {
        const auto seq = row.integer(0);
        const auto hash = row.text(11);
        if (++out.entries == 1) out.first_seq = seq;
        const auto expected = out.last_seq + 1;
        out.last_seq = seq;
        last_hash = hash;
        if (out.broken_at) return;
        if (seq < 1) fail_at(seq, "an entry numbered " + std::to_string(seq) + " was put in");
        if (seq > expected) fail_at(expected, range(expected, seq - 1) + " is missing");
        if (hash_of_row(row, previous) != hash)
          fail_at(seq, "entry " + std::to_string(seq) + " is not what was written: its hash " +
                           "does not follow from it and the entry before");
        previous = hash;
        const auto head = claims.heads.find(seq);
        if (head == claims.heads.end() || out.broken_at) return;
        if (head->second.hash != hash)
          fail_at(last_good + 1, range(last_good + 1, seq) +
                                     ": rewritten, or entries were put in; " + head->second.where +
                                     " was signed for another chain");
        last_good = seq;
      });
  if (!read) return std::unexpected(read.error());
  out.signed_up_to = last_good;
  if (out.entries > 0) out.head = std::to_string(out.last_seq) + ":" + last_hash;
  if (const auto beyond = claims.heads.upper_bound(out.last_seq); beyond != claims.heads.end())
    fail_at(out.last_seq + 1, range(out.last_seq + 1, claims.heads.rbegin()->first) +
                                  ": cut off at the end; " + claims.heads.rbegin()->second.where +
                                  " was signed for them");
  out.ok = !out.broken_at;
  if (out.ok)
    out.detail = out.last_seq == out.signed_up_to
                     ? "the chain is whole and signed to its end"
                     : "the chain is whole; " + range(out.signed_up_to + 1, out.last_seq) +
                           " no head has signed yet";
  return out;
}

base::Result<void> add_known(Claims& claims, const std::string& known) {
  std::int64_t seq = 0;
  const auto colon = known.find(':');
  const auto* const end = known.data() + std::min(colon, known.size());
  if (colon == std::string::npos || std::from_chars(known.data(), end, seq).ptr != end ||
      known.size() - colon - 1 != 64)
    return base::bad_field("/head", "must be SEQ:HASH, as the server's log shows it");
  const auto hash = known.substr(colon + 1);
  const auto found = claims.heads.find(seq);
  if (found != claims.heads.end() && found->second.hash != hash && !claims.broken)
    claims.broken = broken(std::max<std::int64_t>(seq, 1),
                           "the head noted elsewhere for entry " + std::to_string(seq) +
                               " is another: the whole audit was replaced");
  claims.heads[seq] = {hash, "the head noted elsewhere"};
  return {};
}

std::string beside(const std::string& given, const std::string& database, std::string_view name) {
  return given.empty() ? (std::filesystem::path(database).parent_path() / name).string() : given;
}

}  // namespace

base::Result<Verdict> verify(store::Connection& db, const VerifyInput& input) {
  auto key = read_public_key(beside(input.public_key, input.database, "audit.pub"));
  if (!key) return std::unexpected(key.error());
  // In the order in which a running server cannot disturb it: what is read later may only know
  // more.
  const auto table = read_table(db);
  if (!table) return std::unexpected(table.error());
  Claims claims;
  claims_of_file(claims, beside(input.heads, input.database, "audit.heads"), key->get());
  compare_table(claims, *table, key->get());
  if (input.known)
    if (auto added = add_known(claims, *input.known); !added) return std::unexpected(added.error());
  auto out = walk(db, claims);
  if (!out) return out;
  // A break in the chain names its place; one of the heads only says that somebody was there.
  if (!out->broken_at && claims.broken) {
    out->ok = false;
    out->broken_at = claims.broken->broken_at;
    out->detail = claims.broken->detail;
  }
  return out;
}

base::Result<Verdict> verify(const VerifyInput& input) {
  std::error_code error;
  if (!std::filesystem::exists(input.database, error))
    return base::fail(base::Code::not_found, "there is no database " + input.database);
  auto db = store::Connection::open(input.database, true);
  if (!db) return std::unexpected(db.error());
  return verify(**db, input);
}

}  // namespace telltale::audit
