<?php  // prints the sample beside this file in base64
class U { public $id=1; protected $name="Ada"; private $pw="x"; public $o; }
enum S: string { case Active='active'; }
$u=new U; $u->o=$u;
$shared=[1,2];
$a=['id'=>1,'n'=>null,'t'=>true,'f'=>1.5,'inf'=>INF,'neg'=>-7,'s'=>"é",'b'=>"\xff\x00",'l'=>[1,2,3],'m'=>[3=>'x'],'e'=>[], 'u'=>$u,'u2'=>$u,'d'=>new DateTime('2024-01-02 03:04:05.678 Europe/Berlin'),'d2'=>new DateTimeImmutable('2024-01-02 03:04:05+05:30'),'en'=>S::Active,'ao'=>new ArrayObject([1,2]),'last'=>'z'];
$a['ref']=&$a['l']; $a['ref2']=&$a['l'];
class C implements Serializable { public function serialize(){return 'raw{}';} public function unserialize($d){} }
$a['c']=@new C; $a['end']=$u;
$x=serialize($a); echo base64_encode($x), "\n";
