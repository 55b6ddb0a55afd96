# Prints the Ruby samples beside this file in base64, one a line: a hash, records of ActiveRecord
# 6.1 (read, changed), values of ActiveSupport, entries of Rails.cache (as they are, compressed).
require 'bigdecimal'; require 'date'; require 'set'; require 'ostruct'
class U; def initialize; @id=1; @name="Ada"; @me=self; end; end
P=Struct.new(:a,:b)
s="shared"
t=Time.at(1704164645, 678901234, :nsec).utc
h={id: 1, "s"=>"é", "bin"=>"\xff\x00".b, "ascii"=>"abc".encode("US-ASCII"), "sjis"=>"日本".encode("Shift_JIS"), n: nil, t: true, f: false, fl: 1.5, inf: Float::INFINITY, z: -0.0, big: 2**70, nbig: -(2**70), neg: -129, m: 300, mm: -70000, mmm: 2**29, arr: [1,[2]], u: U.new, time: t, loc: t.getlocal("+05:30"), bd: BigDecimal("-12.50"), nan: BigDecimal("NaN"), date: Date.new(2024,2,3), dt: DateTime.new(2024,2,3,4,5,6.5,"+02:00"), set: Set[1,2], st: P.new(1,2), rg: (1..3), rat: 1r/3, cx: Complex(1,2), re: /ab+/i, cls: String, mod: Kernel, def: Hash.new(5).merge(1=>2), s1: s, s2: s, os: OpenStruct.new(a: 1), sym: :id}
puts [Marshal.dump(h)].pack("m0")
require 'active_record'; require 'active_support/all'
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
ActiveRecord::Schema.verbose=false
ActiveRecord::Schema.define { create_table(:users){|t| t.string :name; t.decimal :price, precision: 8, scale: 2; t.boolean :ok; t.timestamps } }
class User < ActiveRecord::Base; end
User.create!(name: "Ada", price: "12.50", ok: true, created_at: Time.utc(2024,1,2,3,4,5,678901), updated_at: Time.utc(2024,1,2))
u=User.first
puts [Marshal.dump(u)].pack("m0")
u.name; u.created_at
puts [Marshal.dump(u)].pack("m0")
u.name="Bob"
puts [Marshal.dump(u)].pack("m0")
Time.zone="Europe/Berlin"
puts [Marshal.dump({"a"=>Time.zone.local(2024,7,2), "b"=>{x: 1}.with_indifferent_access, "c"=>"x".html_safe, "d"=>3.days})].pack("m0")
e=ActiveSupport::Cache::Entry.new({"id"=>1}, expires_in: 60)
puts [Marshal.dump(e)].pack("m0")
e=ActiveSupport::Cache::Entry.new({"id"=>1,"s"=>"x"*3000}, expires_in: 60).compressed(1000) rescue e=ActiveSupport::Cache::Entry.new({"id"=>1,"s"=>"x"*3000}, compress: true, compress_threshold: 1000)
puts [Marshal.dump(e)].pack("m0")
