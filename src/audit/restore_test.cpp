#include "audit/restore.hpp"

#include <fstream>

#include "audit/test_support.hpp"
#include "store/backup.hpp"

namespace telltale::audit {
namespace {

using Restore = AuditTest;

TEST_F(Restore, GoesBackAndSaysSoInTheAudit) {
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(i));
  const auto backup = folder + "/kept.db";
  const auto made = store::back_up(path(), backup);  // while it is used
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->audit_entries, 3);
  for (int i = 3; i < 10; ++i) ASSERT_TRUE(append(i));
  close();
  std::filesystem::rename(path(), folder + "/telltale.db");
  const auto restored = restore(folder, backup);
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_EQ(restored->audit_seq, 3);
  ASSERT_TRUE(std::filesystem::exists(restored->replaced));
  std::filesystem::rename(folder + "/telltale.db", path());
  auto now = verdict();
  EXPECT_TRUE(now.ok) << now.detail;
  EXPECT_EQ(now.entries, 3);
  open();
  ASSERT_TRUE(append(99));
  close();
  now = verdict();
  EXPECT_TRUE(now.ok) << now.detail;
  EXPECT_EQ(now.signed_up_to, 4);
}

// The same files put there by hand are a cut.
TEST_F(Restore, WithoutItAnOlderDatabaseIsFoundOut) {
  open();
  ASSERT_TRUE(append(0));
  const auto backup = folder + "/kept.db";
  ASSERT_TRUE(store::back_up(path(), backup));
  ASSERT_TRUE(append(1));
  close();
  std::filesystem::copy_file(backup, path(), std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(verdict().ok);
}

TEST_F(Restore, WhatIsNoDatabaseChangesNothing) {
  open();
  ASSERT_TRUE(append(0));
  EXPECT_EQ(restore(folder, folder + "/missing").error().code, base::Code::not_found);
  std::ofstream(folder + "/bad") << "no database";
  EXPECT_EQ(restore(folder, path()).error().code, base::Code::conflict) << "it runs";
  close();
  EXPECT_FALSE(restore(folder, folder + "/bad"));
  EXPECT_TRUE(verdict().ok);
}

}  // namespace
}  // namespace telltale::audit
